/** One offered work as a card: what it is, how long there is to answer, Accept and Decline. */
import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Work } from '../api/types.ts';
import type { Workspace } from '../state/workspace.ts';
import { base, buttons, chips } from './controls.ts';
import { icon, iconOfType } from './icons.ts';
import { Observe } from './observe.ts';
import { isUrgent, originOf } from './phrases.ts';
import { inShort } from './time.ts';
import './trunkline-countdown.ts';
import { type ChooseEvent, type TrunklineMenu } from './trunkline-menu.ts';

@customElement('trunkline-offer')
export class TrunklineOffer extends LitElement {
  @property({ attribute: false }) workspace!: Workspace;
  @property({ attribute: false }) work!: Work;
  /** Leaves out what can wait: for a page short of room. */
  @property({ type: Boolean, reflect: true }) compact = false;
  @query('.decline') private declineControl!: HTMLElement | null;

  private readonly observe = new Observe(this, () => this.workspace);

  static override styles = [
    base,
    buttons,
    chips,
    css`
      :host {
        display: block;
      }
      article {
        position: relative;
        padding: 14px;
        border: 1px solid var(--tl-accent);
        border-radius: var(--tl-radius);
        background: var(--tl-surface);
        box-shadow:
          0 0 0 3px var(--tl-accent-soft),
          var(--tl-shadow);
        animation: arrive 260ms cubic-bezier(0.2, 0.8, 0.2, 1);
      }
      @keyframes arrive {
        from {
          opacity: 0;
          transform: translateY(-8px);
        }
      }
      .top {
        display: flex;
        gap: 14px;
        align-items: flex-start;
      }
      .words {
        flex: 1;
        min-width: 0;
      }
      .kind {
        display: flex;
        align-items: center;
        gap: 6px;
        color: var(--tl-muted);
        font-size: 12.5px;
        font-weight: 560;
      }
      h3 {
        display: -webkit-box;
        margin-top: 2px;
        overflow: hidden;
        font-size: 16px;
        font-weight: 620;
        line-height: 1.35;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        overflow-wrap: anywhere;
      }
      .meta {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        margin-top: 10px;
      }
      .actions {
        display: flex;
        gap: 8px;
        margin-top: 14px;
      }
      .actions > * {
        flex: 1;
      }
      :host([compact]) .meta {
        display: none;
      }
      :host([compact]) article {
        padding: 12px;
      }
      :host([compact]) .actions {
        margin-top: 10px;
      }
      .skeleton {
        color: var(--tl-muted);
      }
    `,
  ];

  accept(): void {
    void this.workspace.accept(this.work);
    this.dispatchEvent(
      new CustomEvent('accept-offer', { detail: this.work.workId, bubbles: true, composed: true }),
    );
  }

  /** Declines, or opens the list of reasons when one may be given. */
  decline(): void {
    const control = this.declineControl;
    if (!control) return;
    if (control.localName === 'trunkline-menu') (control as TrunklineMenu).open();
    else void this.workspace.decline(this.work);
  }

  override render() {
    void this.observe;
    const { work, workspace } = this;
    const subject = workspace.subject(work);
    return html`<article aria-label="Offer: ${subject.title}">
      <div class="top">
        <div class="words">
          <div class="kind">
            ${icon(iconOfType(work.workItemType), 16)} <span class="clip">${subject.kind}</span>
          </div>
          <h3 class=${subject.isLoading ? 'skeleton' : ''}>
            ${subject.isLoading ? 'Loading…' : subject.title}
          </h3>
        </div>
        ${this.renderCountdown()}
      </div>
      <div class="meta">
        ${isUrgent(subject.priority)
          ? html`<span class="chip high">${subject.priority} priority</span>`
          : nothing}
        ${originOf(work).map((name) => html`<span class="chip">${name}</span>`)}
        ${this.renderWait()}
      </div>
      <div class="actions">
        <button
          class="button primary"
          type="button"
          aria-label="Accept: ${subject.title}"
          ?disabled=${workspace.isBusy(work)}
          @click=${this.accept}
        >
          ${icon('check', 18)} Accept
        </button>
        ${this.renderDecline(subject.title)}
      </div>
    </article>`;
  }

  private renderCountdown() {
    const { assignedAt, pushTimeout } = this.work;
    if (assignedAt === null || pushTimeout <= 0) return nothing;
    const total = pushTimeout * 1000;
    return html`<trunkline-countdown
      .clock=${this.workspace.clock}
      .deadline=${assignedAt + total}
      .total=${total}
    ></trunkline-countdown>`;
  }

  private renderWait() {
    const { requestedAt, assignedAt } = this.work;
    if (requestedAt === null || assignedAt === null || assignedAt <= requestedAt) return nothing;
    return html`<span class="chip num">Waited ${inShort(assignedAt - requestedAt)}</span>`;
  }

  private renderDecline(title: string) {
    const { configuration } = this.workspace;
    if (!configuration.isDeclineEnabled) return nothing;
    const label = `Decline: ${title}`;
    const isBusy = this.workspace.isBusy(this.work);
    if (!configuration.isDeclineReasonEnabled || configuration.declineReasons.length === 0) {
      return html`<button
        class="button decline"
        type="button"
        aria-label=${label}
        ?disabled=${isBusy}
        @click=${this.decline}
      >
        Decline
      </button>`;
    }
    return html`<trunkline-menu
      class="button decline"
      label=${label}
      menuLabel="Reason for declining"
      .groups=${[{ label: 'Why are you declining?', items: configuration.declineReasons }]}
      ?disabled=${isBusy}
      @choose=${this.declineFor}
    >
      Decline ${icon('down', 16)}
    </trunkline-menu>`;
  }

  private declineFor(event: ChooseEvent): void {
    const { declineReasons } = this.workspace.configuration;
    const reason = declineReasons.find((known) => known.id === event.detail);
    void this.workspace.decline(this.work, reason?.label);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-offer': TrunklineOffer;
  }
}
