/** Small phrases that several views share. */
import type { Presence, Work } from '../api/types.ts';

export type PresenceKind = 'online' | 'busy' | 'offline';

/** A developer name as people read it: "Voice_Channel" is "Voice Channel". */
export const plainName = (developerName: string): string => developerName.replaceAll('_', ' ');

/** Queue and channel that the work came by; one word where both have the same name. */
export function originOf(work: Work): string[] {
  const channel = work.channelDeveloperName ? plainName(work.channelDeveloperName) : null;
  const names = [work.queueName, channel].filter((name) => name !== null && name !== '');
  return [...new Set(names as string[])];
}

/** Online has channels, busy has none, offline has no status at all (console-api.md C.1). */
export function kindOf(presence: Presence): PresenceKind {
  if (presence.statusId === null) return 'offline';
  return presence.channels.length > 0 ? 'online' : 'busy';
}

/** What the status means for incoming work. */
export function meaningOf(presence: Presence): string {
  switch (kindOf(presence)) {
    case 'online':
      return presence.channels.map((channel) => plainName(channel.developerName)).join(', ');
    case 'busy':
      return 'No new work';
    case 'offline':
      return 'Choose a status to receive work';
  }
}

export const isUrgent = (priority: string | null): boolean =>
  priority === 'High' || priority === 'Critical' || priority === 'Urgent';
