/**
 * The design tokens: every colour, size and shadow of the console has its name here.
 *
 * `light-dark()` follows `color-scheme`, which is inherited: the page's theme choice, or that of a
 * foreign page around `<trunkline-omni>`, reaches every shadow root without a word from us.
 * Text pairs keep a contrast of 4.5:1, control edges and marks 3:1 (WCAG AA), in both themes.
 */
import { css } from 'lit';

export const tokens = css`
  :host {
    --tl-font: Inter, 'Segoe UI Variable Text', 'Segoe UI', system-ui, -apple-system, sans-serif;
    --tl-bg: light-dark(#f3f2ee, #0f1315);
    --tl-surface: light-dark(#ffffff, #171c1f);
    --tl-sunken: light-dark(#f8f7f4, #13181a);
    --tl-hover: light-dark(#efede7, #20272b);
    --tl-line: light-dark(#e3e0d8, #272f34);
    --tl-edge: light-dark(#7b8388, #6d7980);
    --tl-text: light-dark(#1b2327, #e9eced);
    --tl-muted: light-dark(#586269, #a1acb3);
    --tl-accent: light-dark(#0b6477, #62c6d8);
    --tl-accent-strong: light-dark(#084e5d, #86d6e4);
    --tl-on-accent: light-dark(#ffffff, #06232a);
    --tl-accent-soft: light-dark(#e2eff1, #15323a);
    --tl-online: light-dark(#187a46, #5bcb8c);
    --tl-busy: light-dark(#99590a, #f0b45a);
    --tl-busy-soft: light-dark(#fbf0dd, #34290f);
    --tl-offline: light-dark(#69737a, #8d989f);
    --tl-danger: light-dark(#b2281f, #ff9389);
    --tl-danger-soft: light-dark(#fbe9e7, #3a1b19);
    --tl-shadow: 0 1px 2px light-dark(#1b232714, #00000059),
      0 4px 14px light-dark(#1b23270d, #0000003d);
    --tl-shadow-high: 0 2px 6px light-dark(#1b23271f, #00000073),
      0 14px 40px light-dark(#1b232729, #0000008c);
    --tl-radius: 12px;
    --tl-radius-small: 8px;

    font-family: var(--tl-font);
    font-size: 14px;
    line-height: 1.45;
    color: var(--tl-text);
    -webkit-font-smoothing: antialiased;
  }
`;
