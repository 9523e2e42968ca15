/** Layout of the workspace page: header, two columns, one column on a narrow screen. */
import { css } from 'lit';

export const workspaceStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100dvh;
    overflow: hidden;
    background: var(--tl-bg);
  }
  header {
    position: relative;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px;
    min-height: 58px;
    padding: 0 18px;
    border-bottom: 1px solid var(--tl-line);
    background: var(--tl-surface);
  }
  h1 {
    display: flex;
    align-items: center;
    gap: 10px;
    font-size: 17px;
    font-weight: 660;
    letter-spacing: -0.015em;
  }
  .space {
    flex: 1;
  }
  .link {
    display: inline-flex;
    align-items: center;
    gap: 7px;
    margin-inline-start: 18px;
    color: var(--tl-muted);
    font-size: 12.5px;
    font-weight: 560;
  }
  .link .dot {
    width: 8px;
    height: 8px;
    border-radius: 50%;
    background: var(--tl-online);
  }
  .link.connecting .dot,
  .link.reconnecting .dot {
    background: var(--tl-busy);
    animation: breathe 1.2s ease-in-out infinite alternate;
  }
  .link.offline .dot {
    background: var(--tl-danger);
  }
  @keyframes breathe {
    to {
      opacity: 0.25;
    }
  }
  /* In the free middle of the header: a lost connection must not move what is being clicked. */
  trunkline-link {
    position: absolute;
    left: 50%;
    transform: translateX(-50%);
  }
  .user {
    margin-inline-start: 6px;
  }
  .user::part(trigger) {
    padding: 3px;
    border: 0;
    border-radius: 50%;
    background: none;
  }
  .avatar {
    display: grid;
    width: 34px;
    height: 34px;
    place-items: center;
    border-radius: 50%;
    background: var(--tl-accent-soft);
    color: var(--tl-accent);
    font-size: 13px;
    font-weight: 640;
  }
  .columns {
    display: grid;
    flex: 1;
    grid-template-columns: 372px minmax(0, 1fr);
    min-height: 0;
  }
  aside {
    min-height: 0;
    overflow: auto;
    border-inline-end: 1px solid var(--tl-line);
    background: var(--tl-sunken);
  }
  main {
    min-height: 0;
    overflow: auto;
  }
  .nothing {
    display: grid;
    min-height: 100%;
    align-content: center;
    justify-items: center;
    gap: 4px;
    padding: 24px 24px 12vh;
    color: var(--tl-muted);
    text-align: center;
  }
  .nothing svg {
    margin-bottom: 22px;
  }
  .nothing b {
    color: var(--tl-text);
    font-size: 16px;
    font-weight: 620;
  }
  .wire {
    stroke: var(--tl-line);
  }
  .node {
    fill: var(--tl-bg);
    stroke: var(--tl-line);
    stroke-width: 3;
  }
  .end {
    fill: light-dark(#f2b45c, #b9812f);
  }
  @media (max-width: 760px) {
    header {
      row-gap: 0;
      padding: 9px 12px 0;
    }
    .wide {
      display: none;
    }
    trunkline-link {
      position: static;
      flex: 1 0 100%;
      order: 1;
      margin: 9px -12px 0;
      transform: none;
    }
    .link {
      margin-inline-start: 12px;
    }
    .columns {
      display: block;
      overflow: auto;
    }
    aside,
    main {
      overflow: visible;
      border: 0;
    }
    aside {
      min-height: 100%;
    }
    /* An offer that comes while the agent reads far down must be seen. */
    .columns.detail aside {
      position: sticky;
      top: 0;
      z-index: 1;
      min-height: 0;
      max-height: 60dvh;
      overflow: auto;
    }
  }
`;
