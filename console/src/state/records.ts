/**
 * The records behind the works: what a person needs to know about a Case or a VoiceCall.
 *
 * A record that cannot be read (no access, no connection) leaves its id as the title; work goes on.
 */
import type { Client } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import type { Work } from '../api/types.ts';

type Fields = Record<string, string | null>;

export interface Fact {
  label: string;
  value: string;
}

/** A work item in words. */
export interface Subject {
  /** "Case 00001042", "Voice call". */
  kind: string;
  title: string;
  facts: Fact[];
  description: string | null;
  priority: string | null;
  isLoading: boolean;
}

const fieldsOf: Record<string, readonly string[]> = {
  Case: ['CaseNumber', 'Subject', 'Priority', 'Origin', 'Status', 'Description'],
  VoiceCall: ['FromPhoneNumber', 'ToPhoneNumber', 'CallType', 'CallStartDateTime'],
};

/** 200 records: more than an agent handles in a shift's hour; the oldest are read again if needed. */
const keepMax = 200;

export class Records {
  #found = new Map<string, Fields>();
  #asked = new Set<string>();

  constructor(
    private readonly client: Client,
    private readonly changed: () => void,
  ) {}

  /** Reads the record of `work` unless it is here; `again` reads it anew. */
  async load(work: Work, again = false): Promise<void> {
    const fields = fieldsOf[work.workItemType];
    const id = work.workItemId;
    if (!fields || this.#asked.has(id) || (this.#found.has(id) && !again)) return;
    this.#asked.add(id);
    try {
      const answer = (await this.client.record(work.workItemType, id, fields)) as Fields;
      this.#found.delete(id);
      this.#found.set(id, answer ?? {});
    } catch (error) {
      // Refused: the id must do. Not answered: the next message of the stream asks again.
      const isRefused = error instanceof ApiError && !error.isUnanswered;
      if (isRefused && !this.#found.has(id)) this.#found.set(id, {});
    } finally {
      this.#asked.delete(id);
      this.#forgetOldest();
      this.changed();
    }
  }

  subject(work: Work): Subject {
    const fields = this.#found.get(work.workItemId);
    const isLoading = fields === undefined && work.workItemType in fieldsOf;
    return describe(work, fields ?? {}, isLoading);
  }

  #forgetOldest(): void {
    for (const id of this.#found.keys()) {
      if (this.#found.size <= keepMax) return;
      this.#found.delete(id);
    }
  }
}

function describe(work: Work, fields: Fields, isLoading: boolean): Subject {
  const common = { isLoading, description: null, priority: null };
  const fact = (label: string, value: string | null | undefined): Fact[] =>
    value ? [{ label, value }] : [];
  switch (work.workItemType) {
    case 'Case':
      return {
        ...common,
        kind: fields.CaseNumber ? `Case ${fields.CaseNumber}` : 'Case',
        title: fields.Subject ?? fields.CaseNumber ?? work.workItemId,
        facts: [
          ...fact('Case number', fields.CaseNumber),
          ...fact('Priority', fields.Priority),
          ...fact('Status', fields.Status),
          ...fact('Origin', fields.Origin),
        ],
        description: fields.Description ?? null,
        priority: fields.Priority ?? null,
      };
    case 'VoiceCall':
      return {
        ...common,
        kind: fields.CallType ? `${fields.CallType} call` : 'Voice call',
        title: fields.FromPhoneNumber ?? work.workItemId,
        facts: [
          ...fact('From', fields.FromPhoneNumber),
          ...fact('To', fields.ToPhoneNumber),
          ...fact('Call type', fields.CallType),
          ...fact('Call started', timeOfDay(fields.CallStartDateTime)),
        ],
      };
    default:
      return { ...common, kind: work.workItemType, title: work.workItemId, facts: [] };
  }
}

function timeOfDay(text: string | null | undefined): string | null {
  if (!text) return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toLocaleTimeString();
}
