/** The work that the agent looks at: its record, its way through the queue, Close or Accept. */
import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Work } from '../api/types.ts';
import type { Fact } from '../state/records.ts';
import type { Workspace } from '../state/workspace.ts';
import { base, buttons, chips } from '../ui/controls.ts';
import { icon, iconOfType } from '../ui/icons.ts';
import { Observe } from '../ui/observe.ts';
import { isUrgent, originOf } from '../ui/phrases.ts';
import { inShort, timeOfDay } from '../ui/time.ts';
import '../ui/trunkline-stopwatch.ts';

@customElement('trunkline-record')
export class TrunklineRecord extends LitElement {
  @property({ attribute: false }) workspace!: Workspace;
  @property({ attribute: false }) work!: Work;
  @query('h2') private heading!: HTMLElement;

  private readonly observe = new Observe(this, () => this.workspace);

  static override styles = [
    base,
    buttons,
    chips,
    css`
      :host {
        display: block;
        max-width: 900px;
        padding: 26px 32px 48px;
      }
      header {
        display: grid;
        gap: 12px;
        margin-bottom: 24px;
      }
      .line {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 38px;
        color: var(--tl-muted);
        font-weight: 560;
      }
      button.back {
        display: none;
        margin-inline-start: -10px;
      }
      .timer {
        margin-inline-end: 6px;
        color: var(--tl-text);
        font-size: 15px;
      }
      .space {
        flex: 1;
      }
      h2 {
        font-size: 24px;
        font-weight: 660;
        line-height: 1.25;
        letter-spacing: -0.015em;
        overflow-wrap: anywhere;
        outline-offset: 6px;
      }
      .chips {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
      }
      .cards {
        display: grid;
        grid-template-columns: minmax(0, 1.7fr) minmax(240px, 1fr);
        gap: 18px;
        align-items: start;
      }
      .card {
        padding: 20px 22px;
        border: 1px solid var(--tl-line);
        border-radius: 14px;
        background: var(--tl-surface);
        box-shadow: var(--tl-shadow);
      }
      h3 {
        margin-bottom: 14px;
        font-size: 13px;
        font-weight: 640;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 14px 20px;
      }
      dt {
        color: var(--tl-muted);
        font-size: 12px;
      }
      dd {
        margin-top: 1px;
        font-size: 15px;
        overflow-wrap: anywhere;
      }
      .description {
        margin-top: 18px;
        padding-top: 16px;
        border-top: 1px solid var(--tl-line);
        font-size: 15px;
        line-height: 1.6;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .way {
        position: relative;
        display: grid;
        gap: 18px;
      }
      .way li {
        position: relative;
        padding-inline-start: 26px;
      }
      .way li::before {
        content: '';
        position: absolute;
        inset: 5px auto auto 2px;
        width: 10px;
        height: 10px;
        border-radius: 50%;
        background: var(--tl-accent);
      }
      .way li:last-child::before {
        background: light-dark(#c9821f, #f2b45c);
      }
      .way li:not(:last-child)::after {
        content: '';
        position: absolute;
        inset: 18px auto -20px 6px;
        width: 2px;
        border-radius: 1px;
        background: var(--tl-line);
      }
      .way .at {
        display: block;
        color: var(--tl-muted);
        font-size: 12.5px;
      }
      .weight {
        margin-top: 18px;
        padding-top: 14px;
        border-top: 1px solid var(--tl-line);
        color: var(--tl-muted);
        font-size: 12.5px;
      }
      @media (max-width: 1080px) {
        .cards {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      @media (max-width: 760px) {
        :host {
          padding: 8px 16px 96px;
        }
        button.back {
          display: inline-flex;
        }
        h2 {
          font-size: 20px;
        }
        .card {
          padding: 16px;
        }
      }
    `,
  ];

  /** Moves the keyboard here: after an accept, the button that had the focus is gone. */
  override focus(): void {
    this.heading.focus();
  }

  override render() {
    void this.observe;
    const { work, workspace } = this;
    const subject = workspace.subject(work);
    return html`
      <header>
        <div class="line">
          <button class="button icon back" type="button" aria-label="Back to your work" @click=${this.back}>
            ${icon('back')}
          </button>
          ${icon(iconOfType(work.workItemType), 18)} <span class="clip">${subject.kind}</span>
          <span class="space"></span>
          ${work.acceptedAt === null
            ? nothing
            : html`<trunkline-stopwatch
                class="timer num"
                aria-label="Time in work"
                role="timer"
                .clock=${workspace.clock}
                .since=${work.acceptedAt}
              ></trunkline-stopwatch>`}
          <button
            class="button"
            type="button"
            aria-label="Close: ${subject.title}"
            ?disabled=${workspace.isBusy(work)}
            @click=${() => workspace.close(work)}
          >
            ${icon('check', 18)} Close
          </button>
        </div>
        <h2 tabindex="-1">${subject.isLoading ? 'Loading…' : subject.title}</h2>
        <div class="chips">
          ${subject.priority
            ? html`<span class="chip ${isUrgent(subject.priority) ? 'high' : ''}"
                >${subject.priority} priority</span
              >`
            : nothing}
          ${originOf(work).map((name) => html`<span class="chip">${name}</span>`)}
          ${work.isInterruptible ? html`<span class="chip">Interruptible</span>` : nothing}
        </div>
      </header>
      <div class="cards">
        <section class="card" aria-labelledby="details">
          <h3 id="details">Details</h3>
          <dl>${this.facts(subject.facts)}</dl>
          ${subject.description
            ? html`<p class="description">${subject.description}</p>`
            : nothing}
        </section>
        <section class="card" aria-labelledby="way">
          <h3 id="way">How it came to you</h3>
          ${this.renderWay()} ${this.renderWeight()}
        </section>
      </div>
    `;
  }

  private facts(facts: Fact[]) {
    const all = facts.length > 0 ? facts : [{ label: 'Record', value: this.work.workItemId }];
    return all.map(
      (fact) => html`<div><dt>${fact.label}</dt><dd class="num">${fact.value}</dd></div>`,
    );
  }

  private renderWay() {
    const { requestedAt, assignedAt, acceptedAt, queueName } = this.work;
    const took =
      assignedAt !== null && acceptedAt !== null ? inShort(acceptedAt - assignedAt) : null;
    return html`<ol class="way" role="list">
      ${step(queueName ? `Waiting in ${queueName}` : 'Waiting', requestedAt)}
      ${step('Offered to you', assignedAt)}
      ${step(took ? `Accepted after ${took}` : 'Accepted', acceptedAt)}
    </ol>`;
  }

  private renderWeight() {
    const { capacityWeight, capacityPercentage } = this.work;
    if (capacityWeight === null && capacityPercentage === null) return nothing;
    const size = capacityWeight !== null ? `${capacityWeight}` : `${capacityPercentage} %`;
    return html`<p class="weight num">Takes ${size} of your capacity.</p>`;
  }

  private back(): void {
    this.dispatchEvent(new CustomEvent('back'));
  }
}

function step(text: string, at: number | null) {
  if (at === null) return nothing;
  return html`<li>${text}<span class="at num">${timeOfDay(at)}</span></li>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-record': TrunklineRecord;
  }
}
