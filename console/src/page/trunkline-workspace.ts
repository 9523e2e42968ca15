/**
 * The agent workspace as a page: header, the widget on the left, the chosen work on the right (on
 * a narrow screen one after the other). Owns what belongs to a page and not to the widget: title
 * badge, sound, theme, shortcuts.
 */
import { LitElement, type PropertyValues, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { LinkPhase } from '../api/stream.ts';
import type { Work } from '../api/types.ts';
import { engagedOf, findWork, offersOf } from '../state/board.ts';
import {
  type Preferences,
  type Theme,
  loadPreferences,
  savePreferences,
  showTheme,
} from '../state/preferences.ts';
import type { Workspace } from '../state/workspace.ts';
import { base, buttons } from '../ui/controls.ts';
import { icon, logo } from '../ui/icons.ts';
import { Observe } from '../ui/observe.ts';
import { kindOf } from '../ui/phrases.ts';
import type { ChooseEvent, MenuGroup } from '../ui/trunkline-menu.ts';
import '../ui/trunkline-omni.ts';
import type { TrunklineOmni } from '../ui/trunkline-omni.ts';
import { Chime } from './chime.ts';
import './trunkline-link.ts';
import './trunkline-notices.ts';
import './trunkline-record.ts';
import type { TrunklineRecord } from './trunkline-record.ts';
import './trunkline-shortcuts.ts';
import type { TrunklineShortcuts } from './trunkline-shortcuts.ts';
import { workspaceStyles } from './workspace-styles.ts';

const phaseWords: Record<LinkPhase, string> = {
  connecting: 'Connecting…',
  connected: 'Connected',
  reconnecting: 'Reconnecting…',
  offline: 'Offline',
};

const themes: readonly { id: Theme; label: string }[] = [
  { id: 'auto', label: 'Like the system' },
  { id: 'light', label: 'Light' },
  { id: 'dark', label: 'Dark' },
];

@customElement('trunkline-workspace')
export class TrunklineWorkspace extends LitElement {
  @property({ attribute: false }) workspace!: Workspace;
  /** What the agent chose to see; `shown` adds what we choose when nothing is chosen. */
  @state() private selected: string | null = null;
  @state() private preferences: Preferences = loadPreferences();
  @state() private isNarrow = false;
  @query('trunkline-omni') private omni!: TrunklineOmni;
  @query('trunkline-record') private record!: TrunklineRecord | null;
  @query('trunkline-shortcuts') private shortcuts!: TrunklineShortcuts;

  private readonly observe = new Observe(this, () => this.workspace);
  private readonly chime = new Chime();
  private readonly narrow = matchMedia('(max-width: 760px)');
  /** Work whose record gets the keyboard once it is shown. */
  private focusNext: string | null = null;

  static override styles = [base, buttons, workspaceStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.narrow.addEventListener('change', this.widthChanged);
    this.widthChanged();
    addEventListener('keydown', this.keyPressed);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.narrow.removeEventListener('change', this.widthChanged);
    removeEventListener('keydown', this.keyPressed);
    this.chime.stop();
    document.title = 'Trunkline';
  }

  override render() {
    void this.observe;
    const shown = this.shown;
    const isDetail = this.isNarrow && shown !== undefined;
    return html`
      ${this.renderHeader()}
      <div class="columns ${isDetail ? 'detail' : ''}">
        <aside aria-label="Omni-Channel">
          <trunkline-omni
            ?compact=${isDetail}
            .workspace=${this.workspace}
            .selected=${shown?.workId ?? null}
            @select-work=${this.select}
            @accept-offer=${this.accepted}
          ></trunkline-omni>
        </aside>
        ${this.isNarrow && !shown ? nothing : html`<main>${this.renderMain(shown)}</main>`}
      </div>
      <trunkline-notices
        .list=${this.workspace.notices.list}
        @dismiss=${(event: CustomEvent<number>) => this.workspace.notices.dismiss(event.detail)}
      ></trunkline-notices>
      <trunkline-shortcuts
        ?enabled=${this.preferences.shortcuts}
        @enable=${(event: CustomEvent<boolean>) => this.prefer({ shortcuts: event.detail })}
      ></trunkline-shortcuts>
    `;
  }

  protected override updated(_changed: PropertyValues): void {
    const offers = offersOf(this.workspace.board).length;
    document.title = offers > 0 ? `(${offers}) Offer waiting · Trunkline` : 'Trunkline';
    if (offers > 0 && this.preferences.sound) this.chime.start();
    else this.chime.stop();
    if (this.focusNext !== null && this.shown?.workId === this.focusNext) {
      this.focusNext = null;
      void this.record?.updateComplete.then(() => this.record?.focus());
    }
  }

  /** The work on the right: the chosen one while it is open; on a wide screen else the newest. */
  private get shown(): Work | undefined {
    const engaged = engagedOf(this.workspace.board);
    const chosen = findWork({ ...this.workspace.board, works: engaged }, this.selected);
    return chosen ?? (this.isNarrow ? undefined : engaged.at(-1));
  }

  private renderHeader() {
    const { link, userName } = this.workspace;
    const { sound } = this.preferences;
    return html`<header>
      <h1>${logo(30)}<span class="wide">Trunkline</span><span class="sr">: agent workspace</span></h1>
      <span class="link ${link.phase}" title="Connection to the server">
        <span class="dot"></span><span class="words">${phaseWords[link.phase]}</span>
      </span>
      <trunkline-link
        .link=${this.workspace.link}
        @retry=${() => this.workspace.retryConnection()}
      ></trunkline-link>
      <span class="space"></span>
      <button
        class="button icon"
        type="button"
        aria-label="Sound on offers"
        title=${sound ? 'Sound on offers: on' : 'Sound on offers: off'}
        aria-pressed=${sound}
        @click=${this.toggleSound}
      >
        ${icon(sound ? 'bell' : 'mute')}
      </button>
      <trunkline-menu
        class="button icon"
        radio
        label="Theme"
        .groups=${this.themeGroups()}
        @choose=${(event: ChooseEvent) => this.prefer({ theme: event.detail as Theme })}
      >
        ${icon(isDark() ? 'moon' : 'sun')}
      </trunkline-menu>
      <trunkline-menu
        class="user"
        label="User: ${userName}"
        .groups=${[
          {
            label: userName,
            items: [
              { id: 'keys', label: 'Keyboard shortcuts' },
              { id: 'out', label: 'Log out' },
            ],
          },
        ]}
        @choose=${this.userChoice}
      >
        <span class="avatar">${initials(userName)}</span>
      </trunkline-menu>
    </header>`;
  }

  private themeGroups(): MenuGroup[] {
    const items = themes.map((theme) => ({
      ...theme,
      checked: theme.id === this.preferences.theme,
    }));
    return [{ label: 'Theme', items }];
  }

  private renderMain(shown: Work | undefined) {
    if (shown) {
      return html`<trunkline-record
        .workspace=${this.workspace}
        .work=${shown}
        @back=${() => (this.selected = null)}
      ></trunkline-record>`;
    }
    const isOnline = kindOf(this.workspace.board.presence) === 'online';
    return html`<div class="nothing">
      ${restingLine()}
      <p><b>${isOnline ? 'Ready when the next one comes' : 'Nothing open'}</b></p>
      <p>What you accept opens here.</p>
    </div>`;
  }

  private select(event: CustomEvent<string>): void {
    this.selected = event.detail;
    const work = findWork(this.workspace.board, event.detail);
    if (work) this.workspace.refreshRecord(work);
    this.focusNext = event.detail;
  }

  private accepted(event: CustomEvent<string>): void {
    this.selected = event.detail;
    this.focusNext = event.detail;
  }

  private readonly toggleSound = (): void => {
    const sound = !this.preferences.sound;
    this.prefer({ sound });
    if (sound) void this.chime.play();
  };

  private userChoice(event: ChooseEvent): void {
    if (event.detail === 'keys') this.shortcuts.show();
    else this.dispatchEvent(new CustomEvent('log-out'));
  }

  private prefer(part: Partial<Preferences>): void {
    this.preferences = { ...this.preferences, ...part };
    savePreferences(this.preferences);
    showTheme(this.preferences.theme);
  }

  private readonly widthChanged = (): void => {
    this.isNarrow = this.narrow.matches;
  };

  private readonly keyPressed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.composedPath().some(takesText)) return;
    if (event.key === '?') return this.shortcuts.show();
    if (!this.preferences.shortcuts) return;
    const act = this.actionOf(event.key.toLowerCase());
    if (!act) return;
    event.preventDefault();
    act();
  };

  private actionOf(key: string): (() => void) | undefined {
    switch (key) {
      case 'a':
        return () => this.omni.acceptFirst();
      case 'd':
        return () => this.omni.declineFirst();
      case 's':
        return () => this.omni.openStatusMenu();
      default:
        return undefined;
    }
  }
}

/** True for an element in which a key means itself: a field, or an open dialog. */
function takesText(target: EventTarget): boolean {
  return (
    target instanceof HTMLElement && target.matches('input, textarea, select, dialog[open]')
  );
}

function initials(name: string): string {
  const words = (name.split('@')[0] ?? '').split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0]!, words.at(-1)!] : words;
  return letters.map((word) => word[0]!.toUpperCase()).join('') || '?';
}

function isDark(): boolean {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

/** A trunk line at rest: the picture of an empty workspace. */
function restingLine() {
  return html`<svg viewBox="0 0 220 90" width="220" height="90" fill="none" aria-hidden="true">
    <path class="wire" d="M14 26h192M110 26v42" stroke-width="3" stroke-linecap="round" />
    <circle class="node" cx="14" cy="26" r="7" />
    <circle class="node" cx="62" cy="26" r="7" />
    <circle class="node" cx="158" cy="26" r="7" />
    <circle class="node" cx="206" cy="26" r="7" />
    <circle class="end" cx="110" cy="72" r="10" />
  </svg>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-workspace': TrunklineWorkspace;
  }
}
