/**
 * A ring that empties until an offer runs out, with the seconds in its middle.
 *
 * The remaining time comes from the server's deadline and clock at every tick, never from counting
 * ticks: a throttled background tab shows the right number as soon as it is seen.
 */
import { LitElement, css, html, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ServerClock } from '../state/clock.ts';
import { base } from './controls.ts';
import { Tick } from './observe.ts';

const radius = 20;
const length = 2 * Math.PI * radius;
/** Under this the ring turns red. */
const urgentMs = 5_000;

@customElement('trunkline-countdown')
export class TrunklineCountdown extends LitElement {
  @property({ attribute: false }) clock!: ServerClock;
  /** Server time of the end, epoch milliseconds. */
  @property({ type: Number }) deadline = 0;
  /** Whole time in milliseconds, for the ring. */
  @property({ type: Number }) total = 1;

  private readonly tick = new Tick(this, 250);

  static override styles = [
    base,
    css`
      :host {
        position: relative;
        display: grid;
        place-items: center;
        width: 48px;
        height: 48px;
        flex: none;
      }
      svg {
        position: absolute;
        inset: 0;
        transform: rotate(-90deg);
      }
      .track {
        stroke: var(--tl-line);
      }
      .left {
        stroke: var(--tl-accent);
        transition: stroke-dashoffset 250ms linear;
      }
      .urgent .left {
        stroke: var(--tl-danger);
      }
      .seconds {
        font-size: 16px;
        font-weight: 640;
      }
      .urgent .seconds {
        color: var(--tl-danger);
      }
    `,
  ];

  override render() {
    void this.tick;
    const leftMs = Math.max(0, this.deadline - this.clock.now());
    const seconds = Math.ceil(leftMs / 1000);
    const gone = length * (1 - Math.min(1, leftMs / this.total));
    const tone = leftMs <= urgentMs ? 'urgent' : '';
    return html`
      <div class=${tone} role="timer" aria-label="${seconds} seconds left to answer">
        <svg viewBox="0 0 48 48" width="48" height="48" fill="none" stroke-width="4">
          ${svg`<circle class="track" cx="24" cy="24" r=${radius}></circle>
            <circle class="left" cx="24" cy="24" r=${radius} stroke-linecap="round"
              stroke-dasharray=${length} stroke-dashoffset=${gone}></circle>`}
        </svg>
        <span class="seconds num" aria-hidden="true">${seconds}</span>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-countdown': TrunklineCountdown;
  }
}
