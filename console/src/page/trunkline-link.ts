/** Connection to the server: nothing while it stands, a line with a way out when not. */
import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Link } from '../api/stream.ts';
import { base, buttons } from '../ui/controls.ts';
import { icon } from '../ui/icons.ts';
import { Tick } from '../ui/observe.ts';

@customElement('trunkline-link')
export class TrunklineLink extends LitElement {
  @property({ attribute: false }) link!: Link;

  private readonly tick = new Tick(this, 1_000);

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: block;
      }
      .banner {
        display: flex;
        align-items: center;
        gap: 12px;
        padding: 3px 3px 3px 14px;
        border-radius: 10px;
        background: var(--tl-busy-soft);
        color: var(--tl-busy);
        font-weight: 560;
      }
      .banner.offline {
        background: var(--tl-danger-soft);
        color: var(--tl-danger);
      }
      p {
        flex: 1;
      }
      .wait {
        font-weight: 400;
      }
      @media (max-width: 760px) {
        .banner {
          padding: 6px 8px 6px 14px;
          border-radius: 0;
        }
      }
    `,
  ];

  override render() {
    void this.tick;
    const { phase } = this.link;
    const isDown = phase === 'reconnecting' || phase === 'offline';
    return html`<div role="status">
      ${isDown
        ? html`<div class="banner ${phase}">
            ${icon(phase === 'offline' ? 'unplugged' : 'alert')}
            <p>
              ${phase === 'offline'
                ? 'Offline. The server cannot be reached.'
                : 'Connection lost. Reconnecting…'}
              <span class="wait" aria-hidden="true">${this.wait()}</span>
            </p>
            <button class="button" type="button" @click=${this.retry}>Try now</button>
          </div>`
        : nothing}
    </div>`;
  }

  private wait(): string {
    const { retryAt } = this.link;
    if (retryAt === null) return 'Trying now…';
    const seconds = Math.ceil((retryAt - Date.now()) / 1000);
    return seconds > 1 ? `Next attempt in ${seconds} s.` : '';
  }

  private retry(): void {
    this.dispatchEvent(new CustomEvent('retry'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-link': TrunklineLink;
  }
}
