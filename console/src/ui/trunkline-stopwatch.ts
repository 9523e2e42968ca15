/** Time since a server time, counting up: how long a work has been open. */
import { LitElement, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ServerClock } from '../state/clock.ts';
import { Tick } from './observe.ts';
import { stopwatch } from './time.ts';

@customElement('trunkline-stopwatch')
export class TrunklineStopwatch extends LitElement {
  @property({ attribute: false }) clock!: ServerClock;
  /** Server time of the start, epoch milliseconds. */
  @property({ type: Number }) since = 0;

  private readonly tick = new Tick(this, 1_000);

  override render() {
    void this.tick;
    return html`${stopwatch(this.clock.now() - this.since)}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-stopwatch': TrunklineStopwatch;
  }
}
