/**
 * The wire as the server speaks it (rest-api.md section 12), typed.
 *
 * Owns names and shapes only. `parseWork` and `parsePresence` are the one place that meets data
 * from outside: a missing member becomes a harmless value, so that the rest never asks again.
 */

export interface Channel {
  channelId: string;
  developerName: string;
}

export type StatusKind = 'online' | 'busy';

/** A status that this user may choose. */
export interface StatusChoice {
  statusId: string;
  statusName: string;
  statusApiName: string;
  kind: StatusKind;
  channels: Channel[];
}

/** The user's presence; `statusId` is null when logged out. */
export interface Presence {
  statusId: string | null;
  statusName: string | null;
  statusApiName: string | null;
  channels: Channel[];
}

/** One AgentWork of this user: offered while `isEngaged` is false, accepted afterwards. */
export interface Work {
  workId: string;
  workItemId: string;
  workItemType: string;
  isEngaged: boolean;
  status: string;
  channelId: string | null;
  channelDeveloperName: string | null;
  queueId: string | null;
  queueName: string | null;
  /** Epoch milliseconds, server clock. */
  requestedAt: number | null;
  assignedAt: number | null;
  acceptedAt: number | null;
  /** Seconds to answer, 0 for no limit. */
  pushTimeout: number;
  capacityWeight: number | null;
  capacityPercentage: number | null;
  isInterruptible: boolean;
}

export interface Capacity {
  configuredCapacity: number;
  currentWorkload: number;
  configuredInterruptibleCapacity: number;
  currentInterruptibleWorkload: number;
}

export interface DeclineReason {
  id: string;
  label: string;
}

export interface Configuration {
  isAutoAcceptEnabled: boolean;
  isDeclineEnabled: boolean;
  isDeclineReasonEnabled: boolean;
  declineReasons: DeclineReason[];
}

interface Stamped {
  seq: number;
  now: number;
}

/** What takes a work off the board, whoever caused it. */
export type RemovalType =
  | 'workDeclined'
  | 'workTimedOut'
  | 'workCanceled'
  | 'workUnavailable'
  | 'workClosed'
  | 'workTransferred';

export type StreamMessage = Stamped &
  (
    | { type: 'snapshot'; presence: Presence; works: Work[]; capacity: Capacity }
    | { type: 'workAssigned' | 'workAccepted'; work: Work }
    | { type: RemovalType; workId: string; workItemId?: string }
    | {
        type: 'workloadChanged';
        configuredCapacity: number;
        newWorkload: number;
        configuredInterruptibleCapacity: number;
        newInterruptibleWorkload: number;
      }
    | { type: 'statusChanged'; presence: Presence }
    | { type: 'logout' }
  );

/** Ids come with 15 or 18 characters; the first 15 decide. */
export const sameId = (a: string | null, b: string | null): boolean =>
  a !== null && b !== null && a.slice(0, 15) === b.slice(0, 15);

type Loose = Record<string, unknown>;

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

export const noPresence: Presence = {
  statusId: null,
  statusName: null,
  statusApiName: null,
  channels: [],
};

export const noCapacity: Capacity = {
  configuredCapacity: 0,
  currentWorkload: 0,
  configuredInterruptibleCapacity: 0,
  currentInterruptibleWorkload: 0,
};

/** Work types by key prefix, for an answer that leaves `workItemType` out. */
const typeOfPrefix: Record<string, string> = { '500': 'Case', '0LQ': 'VoiceCall' };

export function parseWork(from: unknown): Work {
  const raw = (from ?? {}) as Loose;
  const workItemId = text(raw.workItemId) ?? '';
  const isEngaged = raw.isEngaged === true;
  return {
    workId: text(raw.workId) ?? '',
    workItemId,
    workItemType: text(raw.workItemType) ?? typeOfPrefix[workItemId.slice(0, 3)] ?? 'Record',
    isEngaged,
    status: text(raw.status) ?? (isEngaged ? 'Opened' : 'Assigned'),
    channelId: text(raw.channelId),
    channelDeveloperName: text(raw.channelDeveloperName),
    queueId: text(raw.queueId),
    queueName: text(raw.queueName),
    requestedAt: number(raw.requestedAt),
    assignedAt: number(raw.assignedAt),
    acceptedAt: number(raw.acceptedAt),
    pushTimeout: number(raw.pushTimeout) ?? 0,
    capacityWeight: number(raw.capacityWeight),
    capacityPercentage: number(raw.capacityPercentage),
    isInterruptible: raw.isInterruptible === true,
  };
}

export function parsePresence(from: unknown): Presence {
  const raw = (from ?? {}) as Loose;
  return {
    statusId: text(raw.statusId),
    statusName: text(raw.statusName),
    statusApiName: text(raw.statusApiName),
    channels: Array.isArray(raw.channels) ? (raw.channels as Channel[]) : [],
  };
}

export function parseCapacity(from: unknown): Capacity {
  const raw = (from ?? {}) as Loose;
  return {
    configuredCapacity: number(raw.configuredCapacity) ?? 0,
    currentWorkload: number(raw.currentWorkload) ?? 0,
    configuredInterruptibleCapacity: number(raw.configuredInterruptibleCapacity) ?? 0,
    currentInterruptibleWorkload: number(raw.currentInterruptibleWorkload) ?? 0,
  };
}

export function parseConfiguration(from: unknown): Configuration {
  const raw = (from ?? {}) as Loose;
  return {
    isAutoAcceptEnabled: raw.isAutoAcceptEnabled === true,
    isDeclineEnabled: raw.isDeclineEnabled === true,
    isDeclineReasonEnabled: raw.isDeclineReasonEnabled === true,
    declineReasons: Array.isArray(raw.declineReasons) ? (raw.declineReasons as DeclineReason[]) : [],
  };
}
