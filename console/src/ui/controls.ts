/** Styles that several elements share: reset, buttons, chips, hidden text. */
import { css } from 'lit';

export const base = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  svg {
    display: block;
    flex: none;
  }
  [hidden] {
    display: none !important;
  }
  :focus-visible {
    outline: 2px solid var(--tl-accent);
    outline-offset: 2px;
  }
  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .eyebrow {
    font-size: 12px;
    font-weight: 600;
    color: var(--tl-muted);
  }
  .num {
    font-variant-numeric: tabular-nums;
  }
  .clip {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;

/** `button.button` with `.primary` or `.icon`; also the look of a `trunkline-menu.button`. */
export const buttons = css`
  button.button,
  trunkline-menu.button::part(trigger) {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 38px;
    padding: 0 16px;
    border: 1px solid var(--tl-edge);
    border-radius: var(--tl-radius-small);
    background: var(--tl-surface);
    color: var(--tl-text);
    font: inherit;
    font-weight: 560;
    white-space: nowrap;
    cursor: pointer;
    transition:
      background-color 120ms,
      border-color 120ms;
  }
  button.button:hover,
  trunkline-menu.button::part(trigger):hover {
    background: var(--tl-hover);
  }
  button.button.primary {
    border-color: transparent;
    background: var(--tl-accent);
    color: var(--tl-on-accent);
  }
  button.button.primary:hover {
    background: var(--tl-accent-strong);
  }
  button.button.icon,
  trunkline-menu.icon::part(trigger) {
    border-color: transparent;
    background: transparent;
  }
  button.button.icon,
  trunkline-menu.icon::part(trigger) {
    width: 38px;
    padding: 0;
    color: var(--tl-muted);
  }
  button.button.icon:hover,
  trunkline-menu.icon::part(trigger):hover {
    background: var(--tl-hover);
    color: var(--tl-text);
  }
  button.button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  @media (pointer: coarse) {
    button.button,
    trunkline-menu.button::part(trigger) {
      min-height: 44px;
    }
    button.button.icon,
    trunkline-menu.icon::part(trigger) {
      width: 44px;
    }
  }
`;

export const chips = css`
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-height: 24px;
    padding: 0 9px;
    border-radius: 6px;
    background: var(--tl-hover);
    color: var(--tl-muted);
    font-size: 12px;
    font-weight: 560;
    white-space: nowrap;
  }
  .chip.high {
    background: var(--tl-danger-soft);
    color: var(--tl-danger);
  }
  .chip.waiting {
    background: var(--tl-busy-soft);
    color: var(--tl-busy);
  }
`;
