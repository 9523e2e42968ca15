/**
 * The board: presence, works and capacity as the server last told them.
 *
 * `applyMessage` is a plain function of board and message; it is the only place that interprets
 * the stream. A work keeps its place: offers by time of assignment, oldest first.
 */
import {
  type Capacity,
  type Presence,
  type StreamMessage,
  type Work,
  noCapacity,
  noPresence,
  parseCapacity,
  parsePresence,
  parseWork,
  sameId,
} from '../api/types.ts';

export interface Board {
  presence: Presence;
  works: readonly Work[];
  capacity: Capacity;
}

export const emptyBoard: Board = { presence: noPresence, works: [], capacity: noCapacity };

export const offersOf = (board: Board): Work[] => board.works.filter((work) => !work.isEngaged);
export const engagedOf = (board: Board): Work[] => board.works.filter((work) => work.isEngaged);

export function findWork(board: Board, workId: string | null): Work | undefined {
  return board.works.find((work) => sameId(work.workId, workId));
}

/** The board after one message of the stream. */
export function applyMessage(board: Board, message: StreamMessage): Board {
  switch (message.type) {
    case 'snapshot':
      return {
        presence: parsePresence(message.presence),
        works: inOrder((message.works ?? []).map(parseWork)),
        capacity: parseCapacity(message.capacity),
      };
    case 'workAssigned':
    case 'workAccepted':
      return withWork(board, parseWork(message.work));
    case 'workDeclined':
    case 'workTimedOut':
    case 'workCanceled':
    case 'workUnavailable':
    case 'workClosed':
    case 'workTransferred':
      return withoutWork(board, message.workId);
    case 'workloadChanged':
      return {
        ...board,
        capacity: parseCapacity({
          configuredCapacity: message.configuredCapacity,
          currentWorkload: message.newWorkload,
          configuredInterruptibleCapacity: message.configuredInterruptibleCapacity,
          currentInterruptibleWorkload: message.newInterruptibleWorkload,
        }),
      };
    case 'statusChanged':
      return { ...board, presence: parsePresence(message.presence) };
    case 'logout':
      return { ...board, presence: noPresence };
    default:
      return board; // a newer server may say more than we know
  }
}

export function withWork(board: Board, work: Work): Board {
  const others = board.works.filter((other) => !sameId(other.workId, work.workId));
  return { ...board, works: inOrder([...others, work]) };
}

export function withoutWork(board: Board, workId: string): Board {
  return { ...board, works: board.works.filter((work) => !sameId(work.workId, workId)) };
}

/** Which works are on the board and how far; equal texts mean equal lists. */
export function fingerprint(works: readonly Work[]): string {
  const marks = works.map((work) => `${work.workId.slice(0, 15)}${work.isEngaged ? '+' : '-'}`);
  return marks.sort().join(' ');
}

function inOrder(works: Work[]): Work[] {
  const since = (work: Work) => work.acceptedAt ?? work.assignedAt ?? 0;
  return works.sort((a, b) => since(a) - since(b) || a.workId.localeCompare(b.workId));
}
