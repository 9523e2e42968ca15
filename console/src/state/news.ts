/**
 * What a person is told about a message that they did not cause themselves: an offer that ran out,
 * work that was taken away, a status that somebody else or a rule changed.
 */
import { type RemovalType, type StreamMessage, type Work, sameId } from '../api/types.ts';
import { type Board, findWork } from './board.ts';
import type { Tone } from './notices.ts';

export interface News {
  tone: Tone;
  text: string;
}

export interface Circumstances {
  /** True while our own command for this work is on its way. */
  isOwn(workId: string): boolean;
  isOwnStatus: boolean;
  title(work: Work): string;
}

export function newsOf(message: StreamMessage, board: Board, ours: Circumstances): News | null {
  switch (message.type) {
    case 'workDeclined':
    case 'workTimedOut':
    case 'workCanceled':
    case 'workUnavailable':
    case 'workClosed':
    case 'workTransferred': {
      const work = findWork(board, message.workId);
      if (!work || ours.isOwn(work.workId)) return null;
      return { tone: 'info', text: removalText(message.type, ours.title(work), work.isEngaged) };
    }
    case 'statusChanged': {
      const name = message.presence?.statusName;
      const isNew = !sameId(message.presence?.statusId ?? null, board.presence.statusId);
      if (ours.isOwnStatus || !isNew || !name) return null;
      return { tone: 'info', text: `Your status is now ${name}.` };
    }
    case 'logout':
      if (ours.isOwnStatus || board.presence.statusId === null) return null;
      return { tone: 'info', text: 'You are now offline.' };
    default:
      return null;
  }
}

function removalText(type: RemovalType, title: string, wasEngaged: boolean): string {
  switch (type) {
    case 'workTimedOut':
      return `You missed an offer: ${title}`;
    case 'workCanceled':
      return wasEngaged ? `Ended: ${title}` : `No longer offered: ${title}`;
    case 'workUnavailable':
      return `Went back to the queue: ${title}`;
    case 'workDeclined':
      return `Declined: ${title}`;
    case 'workClosed':
      return `Closed: ${title}`;
    case 'workTransferred':
      return `Transferred: ${title}`;
  }
}
