/** Short messages to the person at the screen. Each goes by itself; errors stay longer. */

export type Tone = 'info' | 'error';

export interface Notice {
  id: number;
  tone: Tone;
  text: string;
}

const stayMs: Record<Tone, number> = { info: 7_000, error: 12_000 };
/** Four fit on a small screen; the oldest goes first. */
const showMax = 4;

export class Notices {
  list: readonly Notice[] = [];
  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  constructor(private readonly changed: () => void) {}

  add(tone: Tone, text: string): void {
    for (const same of this.list.filter((notice) => notice.text === text)) this.dismiss(same.id);
    const id = this.#next++;
    this.#timers.set(id, setTimeout(() => this.dismiss(id), stayMs[tone]));
    const all = [...this.list, { id, tone, text }];
    for (const old of all.slice(0, -showMax)) this.dismiss(old.id);
    this.list = all.slice(-showMax);
    this.changed();
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((notice) => notice.id !== id);
    this.changed();
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.list = [];
  }
}
