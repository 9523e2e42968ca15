/**
 * One user's HTTP connection to the server: adds the session, reads the platform's error form,
 * repeats a command that got no answer.
 *
 * Invariant: a repeated command carries the id of its first attempt, so the server applies it once
 * (console-api.md D.3 rule 4).
 */
import { ApiError } from './errors.ts';

/** 10 s: longer than any healthy answer, shorter than an agent's patience. */
const timeoutMs = 10_000;
/** Waits before the second and third attempt of a command that got no answer. */
const repeatAfterMs = [400, 1_200];
/** 5 s: a longer Retry-After is shown to the person instead of waited for. */
const retryAfterMaxMs = 5_000;

const agentPath = '/services/omni/v1/';
const recordPath = '/services/data/v64.0/sobjects/';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

export class Client {
  constructor(
    private readonly token: string,
    /** Called once the server no longer knows the session. */
    private readonly sessionEnded: () => void,
  ) {}

  /** Reads `path` of the agent interface, for instance `works`. */
  get(path: string): Promise<unknown> {
    return this.send('GET', agentPath + path);
  }

  /** Reads fields of one record. */
  record(object: string, id: string, fields: readonly string[]): Promise<unknown> {
    const path = `${recordPath}${encodeURIComponent(object)}/${encodeURIComponent(id)}`;
    return this.send('GET', `${path}?fields=${fields.join(',')}`);
  }

  /** Who the session belongs to. */
  userInfo(): Promise<unknown> {
    return this.send('GET', '/services/oauth2/userinfo');
  }

  /** Sends a command of the agent interface; repeats it under the same id if no answer comes. */
  async command(method: Exclude<Method, 'GET'>, path: string, body?: object): Promise<unknown> {
    const id = crypto.randomUUID?.() ?? looseUuid();
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.send(method, agentPath + path, body, id);
      } catch (error) {
        const wait = waitBeforeRepeat(error, attempt);
        if (wait === null) throw error;
        await pause(wait);
      }
    }
  }

  private async send(method: Method, url: string, body?: object, commandId?: string) {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}` };
    if (body) headers['Content-Type'] = 'application/json';
    if (commandId) headers['X-Trunkline-Command-Id'] = commandId;
    const init: RequestInit = { method, headers, body: body ? JSON.stringify(body) : null };
    try {
      return await exchange(url, init);
    } catch (error) {
      if (error instanceof ApiError && error.isSessionEnd) this.sessionEnded();
      throw error;
    }
  }
}

/** Milliseconds to wait before the next attempt, or null when the error is final. */
function waitBeforeRepeat(error: unknown, attempt: number): number | null {
  const wait = repeatAfterMs[attempt];
  if (!(error instanceof ApiError) || wait === undefined) return null;
  if (error.isUnanswered) return wait;
  if (error instanceof Busy && error.retryAfterMs <= retryAfterMaxMs) return error.retryAfterMs;
  return null;
}

/** 503 with Retry-After: the server refused before it did anything. */
class Busy extends ApiError {
  constructor(
    message: string,
    readonly retryAfterMs: number,
  ) {
    super(503, 'SERVER_UNAVAILABLE', message);
  }
}

/** One request and its answer as parsed JSON; undefined for an empty answer. */
export async function exchange(url: string, init: RequestInit): Promise<unknown> {
  const response = await reach(url, init);
  const body = parse(await response.text().catch(() => ''));
  if (response.ok) return body;
  if (response.status === 503) {
    const seconds = Number(response.headers.get('Retry-After') ?? '1');
    throw new Busy(describe(body).message, Number.isFinite(seconds) ? seconds * 1000 : 1000);
  }
  const { code, message } = describe(body);
  throw new ApiError(response.status, code, message);
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new ApiError(0, late ? 'TIMEOUT' : 'CONNECTION_LOST', 'no answer');
  }
}

function parse(body: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Code and message of an error body: the platform's array, or OAuth's object. */
function describe(body: unknown): { code: string; message: string } {
  const first = (Array.isArray(body) ? body[0] : body) as Record<string, unknown> | undefined;
  const pick = (...names: string[]) =>
    names.map((name) => first?.[name]).find((value) => typeof value === 'string') as
      | string
      | undefined;
  return {
    code: pick('errorCode', 'error') ?? 'UNKNOWN_EXCEPTION',
    message: pick('message', 'error_description') ?? '',
  };
}

/** `crypto.randomUUID` exists on secure origins only; plain http inside a company is not one. */
function looseUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
