/**
 * The capacity bar: how much of the agent's capacity is taken, and by which works.
 *
 * One segment per work that holds capacity (offered ones are paler: they count from the moment of
 * the offer), so that a full bar explains itself.
 */
import { LitElement, css, html, nothing, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Capacity, Work } from '../api/types.ts';
import { base } from './controls.ts';

interface Segment {
  units: number;
  isOffered: boolean;
}

/** Width of the drawing in its own units; it is stretched to the element. */
const width = 1000;

@customElement('trunkline-capacity')
export class TrunklineCapacity extends LitElement {
  @property({ attribute: false }) capacity!: Capacity;
  @property({ attribute: false }) works: readonly Work[] = [];

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 12px;
      }
      .row {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
        margin-bottom: 6px;
      }
      .value b {
        font-weight: 640;
      }
      .value {
        color: var(--tl-muted);
      }
      .value b {
        color: var(--tl-text);
      }
      svg {
        width: 100%;
        height: 8px;
        border-radius: 4px;
      }
      .track {
        fill: var(--tl-line);
      }
      .taken {
        fill: var(--tl-accent);
      }
      .offered {
        fill: color-mix(in srgb, var(--tl-accent) 45%, var(--tl-line));
      }
      .full .taken {
        fill: var(--tl-busy);
      }
      .gap {
        fill: var(--tl-surface);
      }
    `,
  ];

  override render() {
    const c = this.capacity;
    const primary = this.works.filter((work) => !work.isInterruptible);
    const interruptible = this.works.filter((work) => work.isInterruptible);
    const hasSecond = c.configuredInterruptibleCapacity > 0 || c.currentInterruptibleWorkload > 0;
    return html`
      ${bar('Capacity', c.currentWorkload, c.configuredCapacity, primary)}
      ${hasSecond
        ? bar(
            'Interruptible capacity',
            c.currentInterruptibleWorkload,
            c.configuredInterruptibleCapacity,
            interruptible,
          )
        : nothing}
    `;
  }
}

function bar(label: string, used: number, all: number, works: readonly Work[]) {
  const text = `${amount(used)} of ${amount(all)} in use`;
  return html`<div class=${all > 0 && used >= all ? 'full' : ''}>
    <div class="row" aria-hidden="true">
      <span class="eyebrow">${label}</span>
      <span class="value num"><b>${amount(used)}</b> of ${amount(all)}</span>
    </div>
    <div
      role="meter"
      aria-label=${label}
      aria-valuemin="0"
      aria-valuemax=${Math.max(all, used)}
      aria-valuenow=${used}
      aria-valuetext=${text}
    >
      <svg viewBox="0 0 ${width} 8" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width=${width} height="8"></rect>
        ${all > 0 ? segments(used, all, works) : nothing}
      </svg>
    </div>
  </div>`;
}

function segments(used: number, all: number, works: readonly Work[]) {
  const scale = width / Math.max(all, used);
  let at = 0;
  return split(used, all, works).map((segment) => {
    const x = at * scale;
    at += segment.units;
    const end = at * scale;
    return svg`<rect class=${segment.isOffered ? 'offered' : 'taken'}
        x=${x} width=${end - x} height="8"></rect>
      ${end < width ? svg`<rect class="gap" x=${end - 4} width="4" height="8"></rect>` : nothing}`;
  });
}

/** The used units by work; one segment for all when works and total do not add up. */
function split(used: number, all: number, works: readonly Work[]): Segment[] {
  if (used <= 0) return [];
  const parts = works.map((work) => ({ units: unitsOf(work, all), isOffered: !work.isEngaged }));
  const sum = parts.reduce((total, part) => total + part.units, 0);
  if (Math.abs(sum - used) > 0.01) return [{ units: used, isOffered: false }];
  return parts.sort((a, b) => Number(a.isOffered) - Number(b.isOffered));
}

function unitsOf(work: Work, all: number): number {
  return work.capacityWeight ?? ((work.capacityPercentage ?? 0) / 100) * all;
}

/** At most two digits after the point: percentages make fractions. */
const amount = (value: number): string => String(Math.round(value * 100) / 100);

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-capacity': TrunklineCapacity;
  }
}
