/**
 * One agent's workspace: the board, the commands, and what a person has to be told.
 *
 * Views read public members and listen for `change`; they never talk to the server. `offer` fires
 * once for every work that is newly offered (sound, announcement).
 *
 * Invariant: the server decides. A command's answer moves the board at once only to what the
 * server has confirmed; the event that follows says the same again.
 */
import { Client } from '../api/client.ts';
import { ApiError, inWords } from '../api/errors.ts';
import type { Session } from '../api/session.ts';
import { type Link, Stream } from '../api/stream.ts';
import {
  type Configuration,
  type StatusChoice,
  type StreamMessage,
  type Work,
  parseConfiguration,
  parsePresence,
  parseWork,
  noPresence,
} from '../api/types.ts';
import {
  type Board,
  applyMessage,
  emptyBoard,
  findWork,
  fingerprint,
  offersOf,
  withWork,
  withoutWork,
} from './board.ts';
import { ServerClock } from './clock.ts';
import { Notices } from './notices.ts';
import { Records, type Subject } from './records.ts';
import { newsOf } from './news.ts';

/** Milliseconds between attempts to read the set-up (statuses, configuration). */
const setupAgainMs = 5_000;

export class Workspace extends EventTarget {
  board: Board = emptyBoard;
  link: Link = { phase: 'connecting', retryAt: null };
  statuses: readonly StatusChoice[] = [];
  configuration: Configuration = parseConfiguration(undefined);
  userName: string;
  /** True once the first snapshot has arrived: before it, an empty board means nothing. */
  isReady = false;
  isChangingStatus = false;
  readonly clock = new ServerClock();
  readonly notices = new Notices(() => this.#changed());
  readonly #client: Client;
  readonly #stream: Stream;
  readonly #records: Records;
  readonly #busy = new Set<string>();
  readonly #offered = new Set<string>();
  #setupTimer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  constructor(
    readonly session: Session,
    sessionEnded: () => void,
  ) {
    super();
    this.userName = session.userName;
    this.#client = new Client(session.token, sessionEnded);
    this.#records = new Records(this.#client, () => this.#changed());
    this.#stream = new Stream(session.token, {
      message: (message) => this.#receive(message),
      link: (link) => this.#linked(link),
      probe: () => this.#probe(),
    });
  }

  start(): void {
    this.#running = true;
    this.#stream.start();
    void this.#loadSetup();
    void this.#loadUserName();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#setupTimer);
    this.#stream.stop();
    this.notices.clear();
  }

  retryConnection(): void {
    this.#stream.retryNow();
  }

  subject(work: Work): Subject {
    return this.#records.subject(work);
  }

  refreshRecord(work: Work): void {
    void this.#records.load(work, true);
  }

  /** True while a command for this work is on its way. */
  isBusy(work: Work): boolean {
    return this.#busy.has(work.workId);
  }

  /** Chooses a status; null logs out of Omni-Channel. */
  async setStatus(statusId: string | null): Promise<void> {
    if (this.isChangingStatus) return;
    this.isChangingStatus = true;
    this.#changed();
    try {
      const presence =
        statusId === null
          ? await this.#client.command('DELETE', 'presence').then(() => noPresence)
          : parsePresence(await this.#client.command('PUT', 'presence', { statusId }));
      this.board = { ...this.board, presence };
    } catch (error) {
      this.#tell(error);
    } finally {
      this.isChangingStatus = false;
      this.#changed();
    }
  }

  accept(work: Work): Promise<void> {
    return this.#act(work, 'accept', {}, (board) =>
      withWork(board, {
        ...work,
        isEngaged: true,
        status: 'Opened',
        acceptedAt: Math.round(this.clock.now()),
      }),
    );
  }

  decline(work: Work, declineReason?: string): Promise<void> {
    const body = declineReason ? { declineReason } : {};
    return this.#act(work, 'decline', body, (board) => withoutWork(board, work.workId));
  }

  close(work: Work): Promise<void> {
    return this.#act(work, 'close', {}, (board) => withoutWork(board, work.workId));
  }

  async #act(work: Work, verb: string, body: object, confirmed: (board: Board) => Board) {
    if (this.#busy.has(work.workId)) return;
    this.#busy.add(work.workId);
    this.#changed();
    try {
      await this.#client.command('POST', `works/${encodeURIComponent(work.workId)}/${verb}`, body);
      // The event may have come first, with the server's own times: then the board is right.
      const known = findWork(this.board, work.workId);
      if (known && known.isEngaged === work.isEngaged) this.board = confirmed(this.board);
    } catch (error) {
      this.#tell(error);
      if (error instanceof ApiError && (error.status === 404 || error.status === 409)) {
        await this.#reloadWorks();
      }
    } finally {
      this.#busy.delete(work.workId);
      this.#changed();
    }
  }

  #receive(message: StreamMessage): void {
    this.clock.hear(message.now);
    const news = newsOf(message, this.board, {
      isOwn: (workId) => this.#busy.has(workId),
      isOwnStatus: this.isChangingStatus,
      title: (work) => this.subject(work).title,
    });
    this.board = applyMessage(this.board, message);
    if (message.type === 'snapshot') this.#snapshotCame();
    if (news) this.notices.add(news.tone, news.text);
    this.#boardMoved();
    this.#changed();
  }

  /** A later snapshot follows an outage: statuses and configuration may have changed too. */
  #snapshotCame(): void {
    if (this.isReady) void this.#loadSetup();
    this.isReady = true;
  }

  #linked(link: Link): void {
    this.link = link;
    this.#changed();
  }

  /** Reads records of new works and reports each new offer once. */
  #boardMoved(): void {
    for (const work of this.board.works) void this.#records.load(work);
    const offers = offersOf(this.board);
    const isKnown = new Set(offers.map((work) => work.workId));
    for (const id of this.#offered) if (!isKnown.has(id)) this.#offered.delete(id);
    for (const work of offers) {
      if (this.#offered.has(work.workId)) continue;
      this.#offered.add(work.workId);
      this.dispatchEvent(new CustomEvent<Work>('offer', { detail: work }));
    }
  }

  async #reloadWorks(): Promise<void> {
    const answer = await this.#client.get('works').catch(() => null);
    if (!Array.isArray(answer)) return;
    this.board = { ...this.board, works: answer.map(parseWork) };
    this.#boardMoved();
  }

  async #probe(): Promise<boolean> {
    const before = fingerprint(this.board.works);
    const answer = await this.#client.get('works');
    const after = fingerprint(this.board.works);
    if (!Array.isArray(answer) || before !== after) return true; // the stream is speaking
    return fingerprint(answer.map(parseWork)) === after;
  }

  async #loadSetup(): Promise<void> {
    clearTimeout(this.#setupTimer);
    try {
      const [statuses, configuration] = await Promise.all([
        this.#client.get('statuses'),
        this.#client.get('configuration'),
      ]);
      this.statuses = Array.isArray(statuses) ? (statuses as StatusChoice[]) : [];
      this.configuration = parseConfiguration(configuration);
      this.#changed();
    } catch {
      if (this.#running) this.#setupTimer = setTimeout(() => this.#loadSetup(), setupAgainMs);
    }
  }

  async #loadUserName(): Promise<void> {
    const user = await this.#client.userInfo().catch(() => null);
    const name = (user as { name?: unknown } | null)?.name;
    if (typeof name !== 'string' || name === '') return;
    this.userName = name;
    this.#changed();
  }

  #tell(error: unknown): void {
    if (error instanceof ApiError && error.isSessionEnd) return; // the log-in page says it
    this.notices.add('error', inWords(error));
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
