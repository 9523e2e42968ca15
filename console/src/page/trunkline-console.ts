/** The whole console: log-in page or workspace, depending on whether there is a session. */
import { LitElement, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type Session, forgetSession, logOut, storedSession } from '../api/session.ts';
import { Workspace } from '../state/workspace.ts';
import { tokens } from '../ui/tokens.ts';
import './trunkline-login.ts';
import './trunkline-workspace.ts';

@customElement('trunkline-console')
export class TrunklineConsole extends LitElement {
  @state() private workspace: Workspace | null = null;
  /** Why the person sees the log-in page again. */
  @state() private reason = '';

  static override styles = [tokens];

  override connectedCallback(): void {
    super.connectedCallback();
    const session = storedSession();
    if (session) this.enter(session);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave('');
  }

  override render() {
    if (!this.workspace) {
      return html`<trunkline-login
        reason=${this.reason}
        @logged-in=${(event: CustomEvent<Session>) => this.enter(event.detail)}
      ></trunkline-login>`;
    }
    return html`<trunkline-workspace
      .workspace=${this.workspace}
      @log-out=${this.logOut}
    ></trunkline-workspace>`;
  }

  private enter(session: Session): void {
    this.reason = '';
    this.workspace = new Workspace(session, () => {
      forgetSession();
      this.leave('Your session has ended. Please log in again.');
    });
    this.workspace.start();
  }

  private leave(reason: string): void {
    if (!this.workspace) return;
    this.workspace.stop();
    this.workspace = null;
    this.reason = reason;
  }

  /** Offline first, so that no work waits on somebody who is gone; then the session ends. */
  private async logOut(): Promise<void> {
    const workspace = this.workspace;
    if (!workspace) return;
    if (workspace.board.presence.statusId !== null) await workspace.setStatus(null);
    this.leave('');
    await logOut(workspace.session);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'trunkline-console': TrunklineConsole;
  }
}
