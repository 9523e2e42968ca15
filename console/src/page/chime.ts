/**
 * The sound of an offer: two soft tones, made here, so that no file has to be loaded.
 *
 * Browsers let a page sound only after the person has used it; until then a chime is silently left
 * out. It repeats while an offer waits, because one tone is easily missed.
 */
const repeatEveryMs = 5_000;

export class Chime {
  #context: AudioContext | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Sounds at once and again until `stop`. */
  start(): void {
    if (this.#timer) return;
    void this.play();
    this.#timer = setInterval(() => void this.play(), repeatEveryMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async play(): Promise<void> {
    if (!navigator.userActivation?.hasBeenActive) return;
    this.#context ??= new AudioContext();
    const context = this.#context;
    if (context.state === 'suspended') await context.resume().catch(() => undefined);
    if (context.state !== 'running') return;
    tone(context, 659.25, 0);
    tone(context, 880, 0.16);
  }
}

function tone(context: AudioContext, frequency: number, afterSeconds: number): void {
  const start = context.currentTime + afterSeconds;
  const oscillator = context.createOscillator();
  const volume = context.createGain();
  oscillator.frequency.value = frequency;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.16, start + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.7);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + 0.75);
}
