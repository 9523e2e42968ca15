/**
 * Log-in and log-out, and where the session lives meanwhile: `sessionStorage`, so that a reload
 * keeps the agent logged in and a closed browser does not.
 */
import { exchange } from './client.ts';
import { ApiError } from './errors.ts';

export interface Session {
  token: string;
  userId: string | null;
  userName: string;
}

const key = 'trunkline.session';

export function storedSession(): Session | null {
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
  })) as { access_token?: string; id?: string } | undefined;
  if (!answer?.access_token) throw new ApiError(500, 'UNKNOWN_EXCEPTION', 'no access token');
  const userId = answer.id?.split('/').pop() ?? null;
  const session: Session = { token: answer.access_token, userId, userName };
  sessionStorage.setItem(key, JSON.stringify(session));
  return session;
}

/** Ends the session on the server; a server that cannot be reached ends it by time. */
export async function logOut(session: Session): Promise<void> {
  forgetSession();
  await postForm('/services/oauth2/revoke', { token: session.token }).catch(() => undefined);
}

function postForm(url: string, fields: Record<string, string>): Promise<unknown> {
  return exchange(url, { method: 'POST', body: new URLSearchParams(fields) });
}
