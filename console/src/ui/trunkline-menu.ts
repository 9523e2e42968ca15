/**
 * A button that opens a menu: groups of items, one choice, fully usable by keyboard.
 *
 * The panel is a popover (top layer), so no scrolling parent clips it, and a click elsewhere or
 * Escape closes it. Arrow keys, Home, End and first letters move; Enter and Space choose.
 */
import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { base } from './controls.ts';
import { icon } from './icons.ts';

export interface MenuItem {
  id: string;
  label: string;
  hint?: string;
  /** Colour of the dot before the label; no dot without. */
  tone?: 'online' | 'busy' | 'offline';
  checked?: boolean;
}

export interface MenuGroup {
  label: string;
  items: MenuItem[];
}

/** `choose`: the id of the chosen item. */
export type ChooseEvent = CustomEvent<string>;

/** Room between panel, trigger and window edge. */
const gapPx = 6;

@customElement('trunkline-menu')
export class TrunklineMenu extends LitElement {
  /** Accessible name of the button; its text if empty. */
  @property() label = '';
  /** Accessible name of the menu. */
  @property() menuLabel = '';
  @property({ attribute: false }) groups: readonly MenuGroup[] = [];
  /** One item of all is the current one: items become radio items. */
  @property({ type: Boolean }) radio = false;
  @property({ type: Boolean }) disabled = false;
  @state() private isOpen = false;
  private wasShown = false;
  @query('.panel') private panel!: HTMLElement;
  @query('.trigger') private trigger!: HTMLButtonElement;

  static override styles = [
    base,
    css`
      :host {
        display: inline-flex;
      }
      .trigger {
        width: 100%;
        cursor: pointer;
      }
      .trigger:disabled {
        opacity: 0.55;
        cursor: default;
      }
      .panel {
        position: fixed;
        inset: auto;
        margin: 0;
        min-width: 200px;
        max-width: calc(100vw - 16px);
        max-height: calc(100vh - 16px);
        overflow: auto;
        padding: 6px;
        border: 1px solid var(--tl-line);
        border-radius: var(--tl-radius);
        background: var(--tl-surface);
        color: var(--tl-text);
        box-shadow: var(--tl-shadow-high);
      }
      .title {
        padding: 8px 10px 4px;
      }
      .group + .group {
        margin-top: 4px;
        padding-top: 4px;
        border-top: 1px solid var(--tl-line);
      }
      .item {
        display: flex;
        align-items: center;
        gap: 10px;
        width: 100%;
        min-height: 36px;
        padding: 6px 10px;
        border: 0;
        border-radius: var(--tl-radius-small);
        background: none;
        color: inherit;
        font: inherit;
        text-align: start;
        cursor: pointer;
      }
      .item:hover,
      .item:focus-visible {
        background: var(--tl-hover);
        outline-offset: -2px;
      }
      .words {
        flex: 1;
        min-width: 0;
      }
      .hint {
        display: block;
        color: var(--tl-muted);
        font-size: 12px;
      }
      .dot {
        width: 9px;
        height: 9px;
        border-radius: 50%;
        background: var(--tl-offline);
      }
      .dot.online {
        background: var(--tl-online);
      }
      .dot.busy {
        background: var(--tl-busy);
      }
      .mark {
        width: 18px;
        color: var(--tl-accent);
      }
    `,
  ];

  open(): void {
    if (this.disabled || this.isShown) return;
    this.panel.showPopover();
    this.place();
    const items = this.items;
    (items.find((item) => item.ariaChecked === 'true') ?? items[0])?.focus();
  }

  override focus(): void {
    this.trigger.focus();
  }

  override render() {
    return html`
      <button
        class="trigger"
        part="trigger"
        type="button"
        aria-haspopup="menu"
        aria-expanded=${this.isOpen}
        aria-label=${this.label || nothing}
        ?disabled=${this.disabled}
        @pointerdown=${this.pressed}
        @click=${this.clicked}
        @keydown=${this.triggerKey}
      >
        <slot></slot>
      </button>
      <div
        class="panel"
        popover="auto"
        role="menu"
        aria-label=${this.menuLabel || this.label}
        @toggle=${this.toggled}
        @keydown=${this.menuKey}
      >
        ${this.groups.map((group) => this.renderGroup(group))}
      </div>
    `;
  }

  private renderGroup(group: MenuGroup) {
    return html`<div class="group" role="group" aria-label=${group.label}>
      <div class="title eyebrow" aria-hidden="true">${group.label}</div>
      ${group.items.map((item) => this.renderItem(item))}
    </div>`;
  }

  private renderItem(item: MenuItem) {
    return html`<button
      class="item"
      type="button"
      tabindex="-1"
      role=${this.radio ? 'menuitemradio' : 'menuitem'}
      aria-checked=${this.radio ? String(item.checked === true) : nothing}
      @click=${() => this.choose(item)}
    >
      ${item.tone ? html`<span class="dot ${item.tone}"></span>` : nothing}
      <span class="words">
        ${item.label}${item.hint ? html`<span class="hint">${item.hint}</span>` : nothing}
      </span>
      ${this.radio
        ? html`<span class="mark">${item.checked ? icon('check', 18) : nothing}</span>`
        : nothing}
    </button>`;
  }

  private toggled(event: ToggleEvent): void {
    this.isOpen = event.newState === 'open';
  }

  private get isShown(): boolean {
    return this.panel.matches(':popover-open');
  }

  /** A press on the trigger of an open menu closes it before the click arrives. */
  private pressed(): void {
    this.wasShown = this.isShown;
  }

  private clicked(): void {
    if (this.wasShown || this.isShown) this.panel.hidePopover();
    else this.open();
    this.wasShown = false;
  }

  /** Below the trigger, or above where there is more room; never beyond the window. */
  private place(): void {
    const at = this.trigger.getBoundingClientRect();
    const { style } = this.panel;
    style.minWidth = `${Math.max(200, at.width)}px`;
    const { offsetWidth: width, offsetHeight: height } = this.panel;
    const left = at.left + width > innerWidth - 8 ? at.right - width : at.left;
    const below = at.bottom + gapPx;
    const above = at.top - gapPx - height;
    const top = below + height > innerHeight - 8 && above > 8 ? above : below;
    style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
  }

  private get items(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLButtonElement>('.item')];
  }

  private choose(item: MenuItem): void {
    this.panel.hidePopover();
    this.trigger.focus();
    this.dispatchEvent(new CustomEvent<string>('choose', { detail: item.id }));
  }

  private readonly triggerKey = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    this.open();
  };

  private readonly menuKey = (event: KeyboardEvent): void => {
    const items = this.items;
    const at = items.indexOf(this.shadowRoot?.activeElement as HTMLButtonElement);
    const target = targetOf(event, items, at);
    if (event.key === 'Tab') this.panel.hidePopover();
    if (event.key === 'Escape') this.trigger.focus();
    event.stopPropagation(); // keys of an open menu are no shortcuts of the page
    if (!target) return;
    event.preventDefault();
    target.focus();
  };
}

function targetOf(event: KeyboardEvent, items: HTMLButtonElement[], at: number) {
  const count = items.length;
  if (count === 0) return undefined;
  switch (event.key) {
    case 'ArrowDown':
      return items[(at + 1) % count];
    case 'ArrowUp':
      return items[(at - 1 + count) % count];
    case 'Home':
      return items[0];
    case 'End':
      return items[count - 1];
    default:
      return event.key.length === 1 && event.key !== ' ' ? byLetter(event.key, items, at) : undefined;
  }
}

/** The next item, after the current one and around, that starts with `letter`. */
function byLetter(letter: string, items: HTMLButtonElement[], at: number) {
  const inOrder = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return inOrder.find((item) =>
    item.querySelector('.words')?.textContent?.trim().toLowerCase().startsWith(letter.toLowerCase()),
  );
}

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-menu': TrunklineMenu;
  }
}
