/**
 * The event stream: one WebSocket that is opened again whenever it ends.
 *
 * Every connection starts with a snapshot that replaces all state, so nothing is asked for twice
 * and nothing missed has to be replayed. `connected` means that the snapshot has arrived.
 */
import type { StreamMessage } from './types.ts';

export type LinkPhase = 'connecting' | 'connected' | 'reconnecting' | 'offline';

export interface Link {
  phase: LinkPhase;
  /** Local time (epoch ms) of the next attempt, null while one is running. */
  retryAt: number | null;
}

export interface StreamEvents {
  message(message: StreamMessage): void;
  link(link: Link): void;
  /** Asks whether what we show is what the server has; throws when the server is not reachable. */
  probe(): Promise<boolean>;
}

/** Waits between attempts; the last one repeats. */
const backoffMs = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
/** After this many failed attempts in a row the page says "offline" and goes on trying. */
const attemptsUntilOffline = 4;
/** A connection without a snapshot after this time is given up. */
const snapshotWithinMs = 10_000;
/** Pings are invisible to a page, so a stream that is quiet this long is compared with the server. */
const probeEveryMs = 30_000;

export class Stream {
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #prober: ReturnType<typeof setInterval> | undefined;
  #failures = 0;
  #doubts = 0;
  #heardAt = 0;
  #running = false;
  #phase: LinkPhase = 'connecting';

  constructor(
    private readonly token: string,
    private readonly events: StreamEvents,
  ) {}

  start(): void {
    this.#running = true;
    addEventListener('online', this.retryNow);
    addEventListener('offline', this.#networkGone);
    document.addEventListener('visibilitychange', this.#seenAgain);
    this.#prober = setInterval(this.#probe, probeEveryMs);
    this.#open();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    clearInterval(this.#prober);
    removeEventListener('online', this.retryNow);
    removeEventListener('offline', this.#networkGone);
    document.removeEventListener('visibilitychange', this.#seenAgain);
    this.#drop();
  }

  /** Tries at once instead of at the end of the current wait. */
  readonly retryNow = (): void => {
    if (!this.#running || this.#socket) return;
    clearTimeout(this.#timer);
    this.#open();
  };

  #open(): void {
    this.#report(this.#failures === 0 ? 'connecting' : this.#phaseOfFailure(), null);
    const socket = new WebSocket(streamUrl(), ['trunkline.omni.v1', `bearer.${this.token}`]);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#failed(socket), snapshotWithinMs);
    socket.onmessage = (event) => this.#received(socket, event.data);
    socket.onclose = () => this.#failed(socket);
  }

  #received(socket: WebSocket, data: unknown): void {
    if (socket !== this.#socket) return;
    const message = read(data);
    if (!message) return;
    this.#heardAt = performance.now();
    if (message.type === 'snapshot') this.#settled();
    this.events.message(message);
  }

  #settled(): void {
    clearTimeout(this.#timer);
    this.#failures = 0;
    this.#doubts = 0;
    this.#report('connected', null);
  }

  #failed(socket: WebSocket): void {
    if (socket !== this.#socket || !this.#running) return;
    this.#drop();
    const base = backoffMs[Math.min(this.#failures, backoffMs.length - 1)]!;
    const wait = base * (0.8 + 0.4 * Math.random()); // many agents must not return as one wave
    this.#failures += 1;
    this.#report(this.#phaseOfFailure(), Date.now() + wait);
    this.#timer = setTimeout(() => this.#open(), wait);
    // A refused session looks like any other close; only HTTP can tell (it ends the session).
    if (this.#failures > 1) this.events.probe().catch(() => undefined);
  }

  #phaseOfFailure(): LinkPhase {
    return !navigator.onLine || this.#failures >= attemptsUntilOffline ? 'offline' : 'reconnecting';
  }

  #drop(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #report(phase: LinkPhase, retryAt: number | null): void {
    this.#phase = phase;
    this.events.link({ phase, retryAt });
  }

  readonly #networkGone = (): void => {
    if (this.#socket) this.#failed(this.#socket);
  };

  readonly #seenAgain = (): void => {
    if (document.visibilityState !== 'visible') return;
    if (this.#socket) void this.#probe();
    else this.retryNow();
  };

  /** A half-open connection never closes by itself: two disagreements in a row replace it. */
  readonly #probe = async (): Promise<void> => {
    const socket = this.#socket;
    if (this.#phase !== 'connected' || !socket) return;
    if (performance.now() - this.#heardAt < probeEveryMs / 2) return;
    const agrees = await this.events.probe().catch(() => false);
    if (socket !== this.#socket) return;
    this.#doubts = agrees ? 0 : this.#doubts + 1;
    if (this.#doubts >= 2) this.#failed(socket);
  };
}

function streamUrl(): string {
  const url = new URL('/services/omni/v1/events', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

function read(data: unknown): StreamMessage | null {
  try {
    const message = JSON.parse(String(data)) as StreamMessage | null;
    return typeof message?.type === 'string' ? message : null;
  } catch {
    return null;
  }
}
