/** Renders an element again whenever the workspace it shows has changed. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

export class Observe implements ReactiveController {
  #source: EventTarget | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly pick: () => EventTarget | undefined,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.host.requestUpdate();
  }

  hostUpdate(): void {
    const source = this.pick();
    if (source === this.#source) return;
    this.#release();
    this.#source = source;
    source?.addEventListener('change', this.#changed);
  }

  hostDisconnected(): void {
    this.#release();
  }

  #release(): void {
    this.#source?.removeEventListener('change', this.#changed);
    this.#source = undefined;
  }

  readonly #changed = (): void => this.host.requestUpdate();
}

/** Renders an element again at a steady pace. */
export class Tick implements ReactiveController {
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly everyMs: number,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#timer = setInterval(() => this.host.requestUpdate(), this.everyMs);
  }

  hostDisconnected(): void {
    clearInterval(this.#timer);
  }
}
