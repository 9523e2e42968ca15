/**
 * Log-in and log-out, and where the session lives meanwhile: `sessionStorage`, so that a reload
 * keeps the agent logged in and a closed browser does not.
 */
import { exchange } from './client.ts';
import { ApiError } from './errors.ts';

export interface Session {
  token: string;
  /** As typed at log-in; empty where the session came with the page. */
  userName: string;
}

const key = 'trunkline.session';

/** The session of this tab: the one that the page was opened with, or the one of before a reload. */
export function storedSession(): Session | null {
  return arrivedSession() ?? keptSession();
}

/** `/secur/frontdoor.jsp` hands a session over behind `#`, where no server sees it. */
function arrivedSession(): Session | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('sid');
  if (!token) return null;
  history.replaceState(null, '', location.pathname + location.search);
  return keep({ token, userName: '' });
}

function keep(session: Session): Session {
  sessionStorage.setItem(key, JSON.stringify(session));
  return session;
}

function keptSession(): Session | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Session | null;
    return typeof found?.token === 'string' ? found : null;
  } catch {
    return null;
  }
}

export function forgetSession(): void {
  sessionStorage.removeItem(key);
}

/** Exchanges user name and password for a session and keeps it. */
export async function logIn(userName: string, password: string): Promise<Session> {
  const answer = (await postForm('/services/oauth2/token', {
    grant_type: 'password',
    client_id: 'TrunklineConsole',
    username: userName,
    password,
  })) as { access_token?: string } | undefined;
  if (!answer?.access_token) throw new ApiError(500, 'UNKNOWN_EXCEPTION', 'no access token');
  return keep({ token: answer.access_token, userName });
}

/** Ends the session on the server; a server that cannot be reached ends it by time. */
export async function logOut(session: Session): Promise<void> {
  forgetSession();
  await postForm('/services/oauth2/revoke', { token: session.token }).catch(() => undefined);
}

function postForm(url: string, fields: Record<string, string>): Promise<unknown> {
  return exchange(url, { method: 'POST', body: new URLSearchParams(fields) });
}
