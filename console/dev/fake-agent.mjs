// One agent of the invented company Harborline, as the fake server knows her: statuses, works,
// capacity, records. Rules only as far as the console can see them.

export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const cases = { channelId: '0N90000000000C1', developerName: 'Cases' };
const voice = { channelId: '0N90000000000V1', developerName: 'Phone' };

const status = (statusId, statusName, kind, channels) => ({
  statusId,
  statusName,
  statusApiName: statusName.replace(/\W+/g, '_'),
  kind,
  channels,
});

const offline = { statusId: null, statusName: null, statusApiName: null, channels: [] };

export class Agent {
  seq = 0;
  now = Date.now;
  tell = () => {};
  presence = offline;
  works = [];
  declined = [];
  records = new Map();
  statuses = [
    status('0N5000000000001', 'Available', 'online', [cases, voice]),
    status('0N5000000000002', 'Cases only', 'online', [cases]),
    status('0N5000000000003', 'Lunch', 'busy', []),
    status('0N5000000000004', 'Training', 'busy', []),
  ];
  configuration = {
    isAutoAcceptEnabled: false,
    isDeclineEnabled: true,
    isDeclineReasonEnabled: true,
    declineReasons: [
      { id: '0KR000000000001', label: 'Not my language' },
      { id: '0KR000000000002', label: 'Needs another team' },
      { id: '0KR000000000003', label: 'Busy with a customer' },
    ],
  };
  configuredCapacity = 10;
  configuredInterruptibleCapacity = 0;
  #count = 0;

  board() {
    return { presence: this.presence, works: this.works, capacity: this.capacity() };
  }

  capacity() {
    const sum = (isInterruptible) =>
      this.works
        .filter((work) => work.isInterruptible === isInterruptible)
        .reduce((total, work) => total + work.capacityWeight, 0);
    return {
      configuredCapacity: this.configuredCapacity,
      currentWorkload: sum(false),
      configuredInterruptibleCapacity: this.configuredInterruptibleCapacity,
      currentInterruptibleWorkload: sum(true),
    };
  }

  setStatus(statusId) {
    const found = this.statuses.find((one) => one.statusId === statusId);
    if (!found) throw new Refusal(403, 'STATUS_NOT_ALLOWED', 'not allowed');
    const { kind: _kind, ...presence } = found;
    this.presence = presence;
    this.tell({ type: 'statusChanged', presence });
    return presence;
  }

  logOut() {
    if (this.presence.statusId === null) throw new Refusal(409, 'NOT_LOGGED_IN', 'not logged in');
    this.presence = offline;
    for (const work of [...this.works]) this.#remove(work, 'workUnavailable');
    this.tell({ type: 'logout' });
  }

  /** Offers a case; `fields` are its record, `options` those of the work. */
  offerCase(fields = {}, options = {}) {
    const number = String(1000 + ++this.#count).padStart(8, '0');
    const id = `500${String(this.#count).padStart(12, '0')}AAA`;
    this.records.set(id, {
      CaseNumber: number,
      Subject: 'Container held at customs',
      Priority: 'Medium',
      Origin: 'Web',
      Status: 'New',
      Description: null,
      ...fields,
    });
    return this.#offer('Case', id, cases, { queueName: 'Freight Support', ...options });
  }

  offerCall(fields = {}, options = {}) {
    const id = `0LQ${String(++this.#count).padStart(12, '0')}AAA`;
    this.records.set(id, {
      FromPhoneNumber: '+49 40 5550 1234',
      ToPhoneNumber: '+49 40 5550 9000',
      CallType: 'Inbound',
      CallStartDateTime: new Date(this.now()).toISOString(),
      ...fields,
    });
    return this.#offer('VoiceCall', id, voice, {
      queueName: 'Phone Support',
      capacityWeight: 5,
      ...options,
    });
  }

  accept(workId) {
    const work = this.#find(workId);
    if (work.isEngaged) throw new Refusal(409, 'WORK_NOT_ASSIGNED', 'not assigned');
    Object.assign(work, { isEngaged: true, status: 'Opened', acceptedAt: this.now() });
    this.tell({ type: 'workAccepted', work });
  }

  decline(workId, reason) {
    const work = this.#find(workId);
    if (work.isEngaged) throw new Refusal(409, 'WORK_NOT_ASSIGNED', 'not assigned');
    this.declined.push({ workItemId: work.workItemId, reason });
    this.#remove(work, 'workDeclined');
  }

  close(workId) {
    const work = this.#find(workId);
    if (!work.isEngaged) throw new Refusal(409, 'WORK_NOT_OPEN', 'not open');
    this.#remove(work, 'workClosed');
  }

  /** The server takes an offer back: `workTimedOut` or `workCanceled`. */
  withdraw(workId, type) {
    this.#remove(this.#find(workId), type);
  }

  /** A work vanishes without a word, as if its event had been lost. */
  forget(workId) {
    this.works = this.works.filter((work) => work.workId !== workId);
  }

  #offer(workItemType, workItemId, channel, options) {
    const work = {
      workId: `0Bz${String(this.#count).padStart(12, '0')}`,
      workItemId,
      workItemType,
      isEngaged: false,
      status: 'Assigned',
      channelId: channel.channelId,
      channelDeveloperName: channel.developerName,
      queueId: '00G000000000001',
      queueName: null,
      requestedAt: this.now() - 42_000,
      assignedAt: this.now(),
      acceptedAt: null,
      pushTimeout: 30,
      capacityWeight: 2,
      capacityPercentage: null,
      isInterruptible: false,
      ...options,
    };
    this.works.push(work);
    this.tell({ type: 'workAssigned', work });
    this.#tellWorkload();
    return work;
  }

  #find(workId) {
    const work = this.works.find((one) => one.workId === workId);
    if (!work) throw new Refusal(404, 'WORK_NOT_FOUND', 'no such work');
    return work;
  }

  #remove(work, type) {
    this.works = this.works.filter((other) => other !== work);
    this.tell({ type, workId: work.workId, workItemId: work.workItemId });
    this.#tellWorkload();
  }

  #tellWorkload() {
    const { currentWorkload, currentInterruptibleWorkload, ...configured } = this.capacity();
    this.tell({
      type: 'workloadChanged',
      ...configured,
      newWorkload: currentWorkload,
      newInterruptibleWorkload: currentInterruptibleWorkload,
    });
  }
}
