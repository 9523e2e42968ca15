// A telephony provider's side, with nothing but Node: signs a JWT per request, as the published lambdas do, and
// calls the Telephony API. Also a small REST caller for the set-up around it.
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';

const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A key pair of a contact center, as PEM. */
export function newKey() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** A signed token; `claims` and `header` overwrite what a good one says. */
export function token({ orgId, center, privateKey }, claims = {}, header = {}) {
  const now = Math.floor(Date.now() / 1000);
  const good = { iss: orgId.slice(0, 15), sub: center, iat: now, exp: now + 300, jti: randomUUID() };
  const text = `${b64({ alg: 'RS256', typ: 'JWT', ...header })}.${b64({ ...good, ...claims })}`;
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
}

/** One HTTP call: { status, body }, body parsed when it is JSON. */
export async function call(base, method, path, bearer, body) {
  const headers = { ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const answer = await fetch(base + path, {
    method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(10000),
  });
  const text = await answer.text();
  try { return { status: answer.status, body: text ? JSON.parse(text) : undefined }; } catch { return { status: answer.status, body: text }; }
}

/** The provider of one contact center: every call carries a token of its own. */
export class Provider {
  constructor(base, identity) {
    this.base = base;
    this.identity = identity;
  }

  call(method, path, body, bearer = token(this.identity)) {
    return call(this.base, method, `/telephony/v1${path}`, bearer, body);
  }

  /** A new inbound call; gives its vendor call key and VoiceCall id. */
  async ring(more = {}) {
    const key = randomUUID();
    const answer = await this.call('POST', '/voiceCalls', {
      callCenterApiName: this.identity.center, vendorCallKey: key, to: '+18005550100', from: '+15550001',
      initiationMethod: 'Inbound', startTime: new Date().toISOString(), callSubtype: 'PSTN', callAttributes: '{}',
      participants: [{ participantKey: '+15550001', type: 'END_USER' }], ...more,
    });
    if (answer.status !== 200) throw new Error(`create a call: ${answer.status} ${JSON.stringify(answer.body)}`);
    return { key, id: answer.body.voiceCallId, answer };
  }

  hangUp(call) {
    const body = { endTime: new Date().toISOString(), disconnectReason: { value: 'CUSTOMER_DISCONNECT', isError: false } };
    return this.call('PATCH', `/voiceCalls/${call}`, body);
  }
}

/** An administrator's session over REST. */
export class Admin {
  constructor(base, version) {
    this.base = base;
    this.data = `/services/data/v${version}`;
  }

  async logIn(username, password) {
    const xml = (s) => s.replace(/&/g, '&amp;').replace(/</g, '&lt;');
    const answer = await fetch(`${this.base}/services/Soap/u/64.0`, {
      method: 'POST', headers: { 'content-type': 'text/xml', SOAPAction: '""' }, signal: AbortSignal.timeout(10000),
      body: `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><login xmlns="urn:partner.soap.sforce.com"><username>${xml(username)}</username><password>${xml(password)}</password></login></e:Body></e:Envelope>`,
    });
    const text = await answer.text();
    const part = (name) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1];
    [this.token, this.userId, this.orgId] = [part('sessionId'), part('userId'), part('organizationId')];
    if (!this.token || !this.userId || !this.orgId) throw new Error(`log-in: HTTP ${answer.status} ${text.slice(0, 200)}`);
  }

  async rest(method, path, body) {
    const answer = await call(this.base, method, path, this.token, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async create(type, record) { return (await this.rest('POST', `${this.data}/sobjects/${type}`, record)).id; }
  async get(type, id) { return this.rest('GET', `${this.data}/sobjects/${type}/${id}`); }
  async query(soql) { return (await this.rest('GET', `${this.data}/query?q=${encodeURIComponent(soql)}`)).records; }
  omni(method, path, body) { return this.rest(method, `/services/omni/v1${path}`, body); }

  /** The channel of an object: the org's own, or a new one. */
  async channel(object, tag) {
    const [there] = await this.query(`SELECT Id FROM ServiceChannel WHERE RelatedEntity = '${object}'`);
    return there?.Id ?? this.create('ServiceChannel', { DeveloperName: `${tag}_${object}`, MasterLabel: `${tag} ${object}`, RelatedEntity: object });
  }
}

/** A contact center whose tokens this run signs: its CallCenter record carries the certificate among its settings. */
export async function openCenter(admin, tag) {
  const { publicKey, privateKey } = newKey();
  const settings = `<item name="reqTelephonyIntegrationCertificate">${publicKey}</item>`;
  const id = await admin.create('CallCenter', { Name: `${tag} center`, InternalName: tag, CustomSettings: settings });
  return { id, identity: { orgId: admin.orgId, center: tag, privateKey } };
}

/** A queue for these objects with this routing, the admin a member of it, and a status that opens their channels. */
export async function openQueue(admin, tag, objects, routing) {
  const config = await admin.create('QueueRoutingConfig', { DeveloperName: `${tag}_config`, MasterLabel: tag, RoutingModel: 'MostAvailable', RoutingPriority: 1, ...routing });
  const queue = await admin.create('Group', { Type: 'Queue', Name: `${tag} queue`, DeveloperName: `${tag}_queue`, QueueRoutingConfigId: config });
  const status = await admin.create('ServicePresenceStatus', { DeveloperName: `${tag}_online`, MasterLabel: `${tag} online` });
  for (const object of objects) {
    await admin.create('QueueSobject', { QueueId: queue, SobjectType: object });
    await admin.create('ServiceChannelStatus', { ServiceChannelId: await admin.channel(object, tag), ServicePresenceStatusId: status });
  }
  await admin.create('GroupMember', { GroupId: queue, UserOrGroupId: admin.userId });
  return { queue, status };
}

/** Maps the user to the provider's agent: only mapped users get calls (R62). */
export function mapUser(admin, tag, center) {
  return admin.create('CallCenterRoutingMap', {
    CallCenterId: center, ReferenceRecordId: admin.userId, DeveloperName: `User_${tag}`, MasterLabel: tag,
    ExternalId: `arn:test:${createHash('sha256').update(tag).digest('hex').slice(0, 12)}:agent/1`,
  });
}
