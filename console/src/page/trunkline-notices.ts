/** The short messages in the corner; read out politely, errors at once. */
import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Notice } from '../state/notices.ts';
import { base, buttons } from '../ui/controls.ts';
import { icon } from '../ui/icons.ts';

@customElement('trunkline-notices')
export class TrunklineNotices extends LitElement {
  @property({ attribute: false }) list: readonly Notice[] = [];

  static override styles = [
    base,
    buttons,
    css`
      :host {
        position: fixed;
        inset: auto 20px 20px auto;
        z-index: 2;
        width: min(380px, calc(100vw - 32px));
        pointer-events: none;
      }
      div[aria-live] {
        display: grid;
        gap: 8px;
      }
      .notice {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 8px 6px 8px 14px;
        border: 1px solid var(--tl-line);
        border-radius: var(--tl-radius);
        background: var(--tl-surface);
        box-shadow: var(--tl-shadow-high);
        animation: arrive 200ms ease-out;
        pointer-events: auto;
      }
      @keyframes arrive {
        from {
          opacity: 0;
          transform: translateY(8px);
        }
      }
      .notice > svg {
        color: var(--tl-accent);
      }
      .notice.error > svg {
        color: var(--tl-danger);
      }
      p {
        flex: 1;
        overflow-wrap: anywhere;
      }
      @media (max-width: 760px) {
        :host {
          inset: auto 16px 16px;
        }
      }
    `,
  ];

  override render() {
    return html`<div aria-live="polite" role="log" aria-label="Messages">
      ${repeat(
        this.list,
        (notice) => notice.id,
        (notice) =>
          html`<div class="notice ${notice.tone}" role=${notice.tone === 'error' ? 'alert' : 'note'}>
            ${icon(notice.tone === 'error' ? 'alert' : 'info')}
            <p>${notice.text}</p>
            <button
              class="button icon"
              type="button"
              aria-label="Dismiss message"
              @click=${() => this.dismiss(notice)}
            >
              ${icon('close', 16)}
            </button>
          </div>`,
      )}
    </div>`;
  }

  private dismiss(notice: Notice): void {
    this.dispatchEvent(new CustomEvent('dismiss', { detail: notice.id }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-notices': TrunklineNotices;
  }
}
