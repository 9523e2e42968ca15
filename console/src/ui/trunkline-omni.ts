/**
 * `<trunkline-omni>`: the agent's widget. Status, capacity, incoming offers, current work.
 *
 * It needs a `workspace` and nothing of the page around it, so it can live in other pages too. It
 * tells the page what the agent looks at: `select-work` and `accept-offer`, each with a work id.
 */
import { LitElement, type PropertyValues, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { type Work, sameId } from '../api/types.ts';
import { engagedOf, offersOf } from '../state/board.ts';
import type { Workspace } from '../state/workspace.ts';
import { base, buttons } from './controls.ts';
import { icon, iconOfType } from './icons.ts';
import { Observe } from './observe.ts';
import { kindOf } from './phrases.ts';
import { tokens } from './tokens.ts';
import './trunkline-capacity.ts';
import './trunkline-offer.ts';
import type { TrunklineOffer } from './trunkline-offer.ts';
import './trunkline-status-menu.ts';
import type { TrunklineStatusMenu } from './trunkline-status-menu.ts';
import './trunkline-stopwatch.ts';

@customElement('trunkline-omni')
export class TrunklineOmni extends LitElement {
  @property({ attribute: false }) workspace!: Workspace;
  /** The work that the page shows, if any. */
  @property({ attribute: false }) selected: string | null = null;
  /** Shows offers only: for a narrow page whose room belongs to a record. */
  @property({ type: Boolean, reflect: true }) compact = false;
  @state() private announcement = '';
  @query('trunkline-status-menu') private statusMenu!: TrunklineStatusMenu | null;
  @query('trunkline-offer') private firstOffer!: TrunklineOffer | null;

  private readonly observe = new Observe(this, () => this.workspace);
  private readonly announced = new Set<string>();

  static override styles = [
    tokens,
    base,
    buttons,
    css`
      :host {
        display: grid;
        align-content: start;
        gap: 22px;
        padding: 18px;
      }
      :host([compact]) {
        padding: 0;
        gap: 0;
      }
      .me {
        display: grid;
        gap: 16px;
      }
      h2 {
        display: flex;
        align-items: center;
        gap: 8px;
        margin: 0 2px 10px;
        font-size: 13px;
        font-weight: 640;
      }
      .count {
        min-width: 20px;
        padding: 0 6px;
        border-radius: 10px;
        background: var(--tl-hover);
        color: var(--tl-muted);
        font-size: 12px;
        line-height: 20px;
        text-align: center;
      }
      .count.live {
        background: var(--tl-accent);
        color: var(--tl-on-accent);
      }
      .offers {
        display: grid;
        gap: 14px;
      }
      :host([compact]) .offers {
        padding: 14px 14px 4px;
      }
      .works {
        display: grid;
        gap: 4px;
      }
      .work {
        position: relative;
        display: flex;
        align-items: center;
        border-radius: 10px;
      }
      .work:hover {
        background: var(--tl-hover);
      }
      .work.current {
        background: var(--tl-surface);
        box-shadow: var(--tl-shadow);
      }
      .work.current::before {
        content: '';
        position: absolute;
        inset: 10px auto 10px 0;
        width: 3px;
        border-radius: 2px;
        background: var(--tl-accent);
      }
      .show {
        display: flex;
        flex: 1;
        align-items: center;
        gap: 12px;
        min-width: 0;
        min-height: 56px;
        padding: 8px 4px 8px 14px;
        border: 0;
        border-radius: 10px;
        background: none;
        color: inherit;
        font: inherit;
        text-align: start;
        cursor: pointer;
      }
      .show > svg {
        color: var(--tl-muted);
      }
      .words {
        display: grid;
        flex: 1;
        min-width: 0;
      }
      .title {
        font-weight: 560;
      }
      .kind,
      .time {
        color: var(--tl-muted);
        font-size: 12.5px;
      }
      .work .button.icon {
        margin-inline-end: 6px;
      }
      .empty {
        display: grid;
        justify-items: center;
        gap: 4px;
        padding: 26px 20px;
        border: 1px dashed var(--tl-edge);
        border-radius: var(--tl-radius);
        color: var(--tl-muted);
        text-align: center;
      }
      .empty b {
        color: var(--tl-text);
        font-weight: 620;
      }
      .empty .button {
        margin-top: 10px;
      }
    `,
  ];

  openStatusMenu(): void {
    this.statusMenu?.open();
  }

  /** Accepts the oldest offer, if there is one. */
  acceptFirst(): void {
    this.firstOffer?.accept();
  }

  declineFirst(): void {
    this.firstOffer?.decline();
  }

  override render() {
    void this.observe;
    const { board } = this.workspace;
    return html`
      <div class="sr" aria-live="assertive" role="alert">${this.announcement}</div>
      ${this.compact ? nothing : this.renderMe()} ${this.renderOffers(offersOf(board))}
      ${this.compact ? nothing : this.renderWorks(engagedOf(board))}
    `;
  }

  protected override willUpdate(_changed: PropertyValues): void {
    const offers = offersOf(this.workspace.board);
    for (const work of offers) this.announce(work);
    const ids = new Set(offers.map((work) => work.workId));
    for (const id of this.announced) if (!ids.has(id)) this.announced.delete(id);
    if (offers.length === 0) this.announcement = '';
  }

  /** Says an offer once, as soon as its subject is known. */
  private announce(work: Work): void {
    const subject = this.workspace.subject(work);
    if (subject.isLoading || this.announced.has(work.workId)) return;
    this.announced.add(work.workId);
    const time = work.pushTimeout > 0 ? ` ${work.pushTimeout} seconds to answer.` : '';
    this.announcement = `New offer: ${subject.kind}, ${subject.title}.${time}`;
  }

  private renderMe() {
    return html`<section class="me" aria-label="Status and capacity">
      <trunkline-status-menu .workspace=${this.workspace}></trunkline-status-menu>
      <trunkline-capacity
        .capacity=${this.workspace.board.capacity}
        .works=${this.workspace.board.works}
      ></trunkline-capacity>
    </section>`;
  }

  private renderOffers(offers: Work[]) {
    if (offers.length === 0) return nothing;
    return html`<section class="incoming" aria-labelledby="offers">
      <h2 id="offers" class=${this.compact ? 'sr' : ''}>
        Offered to you <span class="count live num">${offers.length}</span>
      </h2>
      <ul class="offers" role="list">
        ${repeat(
          offers,
          (work) => work.workId,
          (work) =>
            html`<li>
              <trunkline-offer
                data-work-id=${work.workId}
                data-type=${work.workItemType}
                ?compact=${this.compact}
                .workspace=${this.workspace}
                .work=${work}
              ></trunkline-offer>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  private renderWorks(works: Work[]) {
    return html`<section aria-labelledby="works">
      <h2 id="works">
        Your work ${works.length > 0
          ? html`<span class="count num">${works.length}</span>`
          : nothing}
      </h2>
      ${works.length === 0
        ? this.renderEmpty()
        : html`<ul class="works" role="list">
            ${repeat(
              works,
              (work) => work.workId,
              (work) => this.renderWork(work),
            )}
          </ul>`}
    </section>`;
  }

  private renderWork(work: Work) {
    const subject = this.workspace.subject(work);
    const isCurrent = sameId(work.workId, this.selected);
    return html`<li class="work ${isCurrent ? 'current' : ''}" data-work-id=${work.workId}>
      <button
        class="show"
        type="button"
        aria-current=${isCurrent ? 'true' : 'false'}
        @click=${() => this.select(work)}
      >
        ${icon(iconOfType(work.workItemType))}
        <span class="words">
          <span class="title clip">${subject.isLoading ? 'Loading…' : subject.title}</span>
          <span class="kind clip">${subject.kind}</span>
        </span>
        ${work.acceptedAt === null
          ? nothing
          : html`<trunkline-stopwatch
              class="time num"
              .clock=${this.workspace.clock}
              .since=${work.acceptedAt}
            ></trunkline-stopwatch>`}
      </button>
      <button
        class="button icon"
        type="button"
        aria-label="Close: ${subject.title}"
        title="Close"
        ?disabled=${this.workspace.isBusy(work)}
        @click=${() => this.workspace.close(work)}
      >
        ${icon('close', 18)}
      </button>
    </li>`;
  }

  private renderEmpty() {
    if (!this.workspace.isReady) return html`<div class="empty">Loading your work…</div>`;
    const { presence } = this.workspace.board;
    switch (kindOf(presence)) {
      case 'online':
        return html`<div class="empty">
          <b>All clear</b>
          <span>New work appears here by itself.</span>
        </div>`;
      case 'busy':
        return html`<div class="empty">
          <b>${presence.statusName}</b>
          <span>No new work arrives until you go online.</span>
        </div>`;
      case 'offline':
        return html`<div class="empty">
          <b>You are offline</b>
          <span>Choose a status to start receiving work.</span>
          <button class="button" type="button" @click=${this.openStatusMenu}>Choose status</button>
        </div>`;
    }
  }

  private select(work: Work): void {
    this.dispatchEvent(new CustomEvent('select-work', { detail: work.workId }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-omni': TrunklineOmni;
  }
}
