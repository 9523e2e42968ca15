/** The log-in page. */
import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { logInWords } from '../api/errors.ts';
import { logIn } from '../api/session.ts';
import { base, buttons } from '../ui/controls.ts';
import { icon, logo } from '../ui/icons.ts';

@customElement('trunkline-login')
export class TrunklineLogin extends LitElement {
  @property() reason = '';
  @state() private error = '';
  @state() private isBusy = false;
  @state() private isShown = false;
  @query('#user') private user!: HTMLInputElement;
  @query('#password') private password!: HTMLInputElement;

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        min-height: 100dvh;
        place-items: center;
        padding: 24px 16px;
        background: var(--tl-bg);
      }
      main {
        width: min(392px, 100%);
      }
      .brand {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 12px;
        margin-bottom: 26px;
        font-size: 24px;
        font-weight: 660;
        letter-spacing: -0.02em;
      }
      form {
        display: grid;
        gap: 18px;
        padding: 30px;
        border: 1px solid var(--tl-line);
        border-radius: 16px;
        background: var(--tl-surface);
        box-shadow: var(--tl-shadow);
      }
      h1 {
        font-size: 19px;
        font-weight: 640;
        letter-spacing: -0.01em;
      }
      label {
        display: block;
        margin-bottom: 6px;
        font-weight: 560;
      }
      .field {
        position: relative;
      }
      input {
        width: 100%;
        min-height: 44px;
        padding: 0 13px;
        border: 1px solid var(--tl-edge);
        border-radius: var(--tl-radius-small);
        background: var(--tl-sunken);
        color: inherit;
        font: inherit;
        font-size: 15px;
      }
      input:focus-visible {
        border-color: var(--tl-accent);
        outline-offset: 0;
      }
      #password {
        padding-inline-end: 48px;
      }
      .field .icon {
        position: absolute;
        inset: auto 3px 3px auto;
      }
      .field .icon[aria-pressed='true'] {
        color: var(--tl-accent);
      }
      button.primary.button {
        min-height: 46px;
        margin-top: 4px;
        font-size: 15px;
      }
      .message {
        display: flex;
        gap: 10px;
        padding: 10px 12px;
        border-radius: var(--tl-radius-small);
        background: var(--tl-danger-soft);
        color: var(--tl-danger);
      }
      .message.calm {
        background: var(--tl-accent-soft);
        color: var(--tl-text);
      }
    `,
  ];

  protected override firstUpdated(): void {
    this.user.focus();
  }

  override render() {
    return html`<main>
      <div class="brand">${logo(38)} Trunkline</div>
      <form @submit=${this.submit}>
        <h1>Log in to your workspace</h1>
        <div role="alert" ?hidden=${!this.error && !this.reason}>${this.renderMessage()}</div>
        <div>
          <label for="user">User name</label>
          <input
            id="user"
            name="username"
            type="text"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            required
          />
        </div>
        <div>
          <label for="password">Password</label>
          <div class="field">
            <input
              id="password"
              name="password"
              type=${this.isShown ? 'text' : 'password'}
              autocomplete="current-password"
              required
            />
            <button
              class="button icon"
              type="button"
              aria-label="Show password"
              aria-pressed=${this.isShown}
              @click=${() => (this.isShown = !this.isShown)}
            >
              ${icon('eye')}
            </button>
          </div>
        </div>
        <button class="button primary" type="submit" ?disabled=${this.isBusy}>
          ${this.isBusy ? 'Logging in…' : 'Log in'}
        </button>
      </form>
    </main>`;
  }

  private renderMessage() {
    if (this.error) return html`<div class="message">${icon('alert')} ${this.error}</div>`;
    if (this.reason) return html`<div class="message calm">${icon('info')} ${this.reason}</div>`;
    return nothing;
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.isBusy) return;
    this.isBusy = true;
    this.error = '';
    try {
      const session = await logIn(this.user.value.trim(), this.password.value);
      this.dispatchEvent(new CustomEvent('logged-in', { detail: session }));
    } catch (error) {
      this.error = logInWords(error);
      this.password.select();
    } finally {
      this.isBusy = false;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-login': TrunklineLogin;
  }
}
