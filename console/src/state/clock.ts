/**
 * The server's clock as seen from here.
 *
 * Deadlines are server times. The page keeps the last `now` of the server and counts on with the
 * browser's monotonic clock, so that a wrong or adjusted local clock does not move a countdown.
 */
export class ServerClock {
  #server: number | null = null;
  #heardAt = 0;

  /** Takes over the `now` of a message. */
  hear(now: unknown): void {
    if (typeof now !== 'number' || !Number.isFinite(now)) return;
    this.#server = now;
    this.#heardAt = performance.now();
  }

  /** Server time, epoch milliseconds; local time until the server has spoken. */
  now(): number {
    if (this.#server === null) return Date.now();
    return this.#server + (performance.now() - this.#heardAt);
  }
}
