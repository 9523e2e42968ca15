/** The overview of single-key shortcuts, and the switch that turns them off (WCAG 2.1.4). */
import { LitElement, css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { base, buttons } from '../ui/controls.ts';
import { icon } from '../ui/icons.ts';

const keys: readonly [string, string][] = [
  ['A', 'Accept the oldest offer'],
  ['D', 'Decline the oldest offer'],
  ['S', 'Open the status menu'],
  ['?', 'Show this overview'],
];

@customElement('trunkline-shortcuts')
export class TrunklineShortcuts extends LitElement {
  @property({ type: Boolean }) enabled = true;
  @query('dialog') private dialog!: HTMLDialogElement;

  static override styles = [
    base,
    buttons,
    css`
      dialog {
        width: min(420px, calc(100vw - 32px));
        padding: 22px 24px 24px;
        border: 1px solid var(--tl-line);
        border-radius: 16px;
        background: var(--tl-surface);
        color: var(--tl-text);
        box-shadow: var(--tl-shadow-high);
      }
      dialog::backdrop {
        background: light-dark(#1b232759, #000000a6);
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
        margin-bottom: 12px;
      }
      h2 {
        font-size: 17px;
        font-weight: 640;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 10px 14px;
        align-items: center;
      }
      kbd {
        display: inline-block;
        min-width: 30px;
        padding: 3px 8px;
        border: 1px solid var(--tl-edge);
        border-radius: 6px;
        background: var(--tl-sunken);
        font: inherit;
        font-weight: 620;
        text-align: center;
      }
      label {
        display: flex;
        gap: 10px;
        align-items: center;
        margin-top: 18px;
        padding-top: 16px;
        border-top: 1px solid var(--tl-line);
      }
      input {
        width: 18px;
        height: 18px;
        margin: 0;
        accent-color: var(--tl-accent);
      }
    `,
  ];

  show(): void {
    if (!this.dialog.open) this.dialog.showModal();
  }

  override render() {
    return html`<dialog aria-labelledby="title">
      <header>
        <h2 id="title">Keyboard shortcuts</h2>
        <button
          class="button icon"
          type="button"
          aria-label="Close overview"
          @click=${() => this.dialog.close()}
        >
          ${icon('close', 18)}
        </button>
      </header>
      <dl>${keys.map(([key, what]) => html`<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`)}</dl>
      <label>
        <input type="checkbox" .checked=${this.enabled} @change=${this.changed} /> Use single-key
        shortcuts
      </label>
    </dialog>`;
  }

  private changed(event: Event): void {
    const detail = (event.target as HTMLInputElement).checked;
    this.dispatchEvent(new CustomEvent('enable', { detail }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-shortcuts': TrunklineShortcuts;
  }
}
