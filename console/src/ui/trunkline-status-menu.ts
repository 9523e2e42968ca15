/** The agent's status: what it is now, and the menu to change it (online, busy, offline). */
import { LitElement, css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { type StatusChoice, type StatusKind, sameId } from '../api/types.ts';
import type { Workspace } from '../state/workspace.ts';
import { base } from './controls.ts';
import { icon } from './icons.ts';
import { Observe } from './observe.ts';
import { kindOf, meaningOf, plainName } from './phrases.ts';
import type { ChooseEvent, MenuGroup, MenuItem, TrunklineMenu } from './trunkline-menu.ts';
import './trunkline-menu.ts';

/** No status record stands for offline; the menu still needs a name for it. */
const offlineId = 'offline';

@customElement('trunkline-status-menu')
export class TrunklineStatusMenu extends LitElement {
  @property({ attribute: false }) workspace!: Workspace;
  @query('trunkline-menu') private menu!: TrunklineMenu;

  private readonly observe = new Observe(this, () => this.workspace);

  static override styles = [
    base,
    css`
      trunkline-menu {
        display: block;
      }
      trunkline-menu::part(trigger) {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 56px;
        padding: 8px 14px;
        border: 1px solid var(--tl-edge);
        border-radius: var(--tl-radius);
        background: var(--tl-surface);
        color: var(--tl-text);
        font: inherit;
        text-align: start;
      }
      trunkline-menu::part(trigger):hover {
        background: var(--tl-hover);
      }
      .dot {
        flex: none;
        width: 12px;
        height: 12px;
        border-radius: 50%;
        background: var(--tl-online);
        box-shadow: 0 0 0 4px color-mix(in srgb, var(--tl-online) 18%, transparent);
      }
      .busy {
        background: var(--tl-busy);
        box-shadow: 0 0 0 4px color-mix(in srgb, var(--tl-busy) 18%, transparent);
      }
      .offline {
        background: transparent;
        box-shadow: inset 0 0 0 3px var(--tl-offline);
      }
      .words {
        display: grid;
        flex: 1;
        min-width: 0;
      }
      .name {
        font-size: 15px;
        font-weight: 620;
      }
      .meaning {
        color: var(--tl-muted);
        font-size: 12.5px;
      }
      .down {
        color: var(--tl-muted);
      }
    `,
  ];

  open(): void {
    this.menu.open();
  }

  override render() {
    void this.observe;
    const { presence } = this.workspace.board;
    const name = presence.statusName ?? 'Offline';
    return html`<trunkline-menu
      radio
      label="Status: ${name}"
      menuLabel="Status"
      .groups=${this.groups()}
      ?disabled=${!this.workspace.isReady || this.workspace.isChangingStatus}
      @choose=${this.choose}
    >
      <span class="dot ${kindOf(presence)}"></span>
      <span class="words">
        <span class="name clip">${name}</span>
        <span class="meaning clip">${meaningOf(presence)}</span>
      </span>
      <span class="down">${icon('down')}</span>
    </trunkline-menu>`;
  }

  private groups(): MenuGroup[] {
    const { presence } = this.workspace.board;
    const offline: MenuItem = {
      id: offlineId,
      label: 'Offline',
      tone: 'offline',
      checked: presence.statusId === null,
    };
    const groups = [
      { label: 'Online', items: this.itemsOf('online') },
      { label: 'Busy', items: this.itemsOf('busy') },
      { label: 'Offline', items: [offline] },
    ];
    return groups.filter((group) => group.items.length > 0);
  }

  private itemsOf(kind: StatusKind): MenuItem[] {
    return this.workspace.statuses
      .filter((status) => status.kind === kind)
      .map((status) => this.item(status));
  }

  private item(status: StatusChoice): MenuItem {
    const hint = status.channels.map((channel) => plainName(channel.developerName)).join(', ');
    return {
      id: status.statusId,
      label: status.statusName,
      tone: status.kind,
      checked: sameId(status.statusId, this.workspace.board.presence.statusId),
      ...(hint ? { hint } : {}),
    };
  }

  private choose(event: ChooseEvent): void {
    void this.workspace.setStatus(event.detail === offlineId ? null : event.detail);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-status-menu': TrunklineStatusMenu;
  }
}
