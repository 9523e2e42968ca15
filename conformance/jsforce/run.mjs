// Conformance run: an unmodified jsforce against a Trunkline server.
//
// Environment
//   BASE_URL            e.g. http://127.0.0.1:8080          (required)
//   USERNAME, PASSWORD  an administrator                     (required)
//   CLIENT_ID, CLIENT_SECRET  a connected app for the OAuth checks (optional: those checks fail without it
//                       unless SKIP_OAUTH=1)
//   AGENT_USERNAME, AGENT_PASSWORD  the agent of the routing walk (optional: the administrator plays the agent)
//   AGENT_API           path of the agent session interface, default /services/omni/v1
//   API_VERSION         default 64.0
//   ONLY                a regular expression on check names; others are not run
//   SLOW=1              also run the checks that wait for a push time-out
//   CHECK_TIMEOUT_MS    default 30000
//
// Every check prints "ok NAME" or "not ok NAME: why"; the last line is "N passed, N failed"; exit 1 on failure.
import jsforce from 'jsforce';
import { StreamingExtension } from 'jsforce/lib/api/streaming.js';

const env = process.env;
for (const k of ['BASE_URL', 'USERNAME', 'PASSWORD']) {
  if (!env[k]) { console.error(`set ${k}`); process.exit(2); }
}
const BASE = env.BASE_URL.replace(/\/+$/, '');
const V = env.API_VERSION || '64.0';
const DATA = `/services/data/v${V}`;
const RUN = Date.now().toString(36);
const TAG = `cf${RUN}`;
const TIMEOUT = Number(env.CHECK_TIMEOUT_MS || 30000);
const ONLY = env.ONLY ? new RegExp(env.ONLY) : null;

let passed = 0; let failed = 0; let n = 0;
const made = [];                       // [type, id] to remove at the end, newest first
const fx = {};                         // fixtures shared between checks

const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
class Fail extends Error {}
const show = (v) => { const s = typeof v === 'string' ? v : JSON.stringify(v); return s === undefined ? 'undefined' : s.slice(0, 300); };
function ok(cond, why) { if (!cond) throw new Fail(why); }
function eq(got, want, what) { ok(JSON.stringify(got) === JSON.stringify(want), `${what}: got ${show(got)}, want ${show(want)}`); }
function has(list, item, what) { ok(Array.isArray(list) && list.includes(item), `${what}: ${show(item)} is not among ${show(list)}`); }
function need(name) { ok(fx[name] !== undefined, `needs the fixture ${name}, which an earlier check did not make`); return fx[name]; }
async function check(name, fn) {
  n += 1;
  const label = `${String(n).padStart(3, '0')} ${name}`;
  if (ONLY && !ONLY.test(name) && !/^fixture/.test(name) && !/^login by SOAP$/.test(name)) return;
  let timer;
  try {
    await Promise.race([fn(), new Promise((_, rej) => { timer = setTimeout(() => rej(new Fail(`no answer within ${TIMEOUT} ms`)), TIMEOUT); })]);
    passed += 1; console.log(`ok ${label}`);
  } catch (e) {
    failed += 1;
    const why = e instanceof Fail ? e.message : `${e.errorCode || e.name}: ${e.message}`;
    console.log(`not ok ${label}: ${String(why).replace(/\s+/g, ' ').slice(0, 400)}`);
  } finally { clearTimeout(timer); }
}
async function fails(promise, code, what) {
  let r;
  try { r = await promise; } catch (e) {
    const got = e.errorCode || e.name;
    ok([].concat(code).includes(got), `${what}: error ${got} (${e.message}), want ${[].concat(code).join(' or ')}`);
    return e;
  }
  throw new Fail(`${what}: no error, answer ${show(r)}`);
}
async function raw(method, path, { token = conn.accessToken, body, headers = {} } = {}) {
  const h = { ...headers };
  if (token) h.authorization = `Bearer ${token}`;
  if (body !== undefined && !Object.keys(h).some((k) => k.toLowerCase() === 'content-type')) h['content-type'] = 'application/json';
  const res = await fetch(BASE + path, { method, headers: h, body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body), redirect: 'manual' });
  const text = await res.text();
  let json; try { json = JSON.parse(text); } catch { json = undefined; }
  return { status: res.status, headers: res.headers, text, json };
}
async function create(type, rec) {
  const r = await conn.sobject(type).create(rec);
  ok(r.success === true && typeof r.id === 'string', `create ${type}: ${show(r)}`);
  made.unshift([type, r.id]);
  return r.id;
}

// ---- Id helpers: the 18-character form is the 15-character form plus a case checksum
const SUFFIX = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
function to18(id15) {
  let out = '';
  for (let c = 0; c < 3; c += 1) {
    let bits = 0;
    for (let i = 0; i < 5; i += 1) if (/[A-Z]/.test(id15[c * 5 + i])) bits |= 1 << i;
    out += SUFFIX[bits];
  }
  return id15 + out;
}

// ---- The agent. Salesforce keeps presence, accept and decline inside its console; this server offers the same steps to
// programs under one path of its own (rest-api.md, "Agent session"). They act for the user of the session, never for another.
const AGENT_API = env.AGENT_API || '/services/omni/v1';
const agent = {
  conn: null,
  call: (method, path, body) => agent.conn.request({ method, url: `${BASE}${AGENT_API}${path}`, headers: { 'content-type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}) }),
  online: (statusId) => agent.call('PUT', '/presence', { statusId }),
  offline: () => agent.call('DELETE', '/presence'),
  accept: (workId) => agent.call('POST', `/works/${workId}/accept`, {}),
  decline: (workId) => agent.call('POST', `/works/${workId}/decline`, {}),
  close: (workId) => agent.call('POST', `/works/${workId}/close`, {}),
  works: () => agent.call('GET', '/works'),
};

let conn = new jsforce.Connection({ loginUrl: BASE, version: V });
process.on('unhandledRejection', () => {});
const warn = console.warn; console.warn = () => {};

// ============================================================ sessions
await check('login by SOAP', async () => {
  const u = await conn.login(env.USERNAME, env.PASSWORD);
  ok(/^005\w{15}$/.test(u.id), `user id ${u.id}`);
  ok(/^00D\w{15}$/.test(u.organizationId), `organization id ${u.organizationId}`);
  eq(u.id, to18(u.id.slice(0, 15)), 'checksum of the user id');
  eq(conn.instanceUrl, BASE, 'serverUrl must point back at BASE_URL');
  fx.user = u;
});
if (!conn.accessToken) { console.log(`${passed} passed, ${failed} failed`); process.exit(1); }
await check('session token has the shape that command-line clients accept', async () => {
  ok(/^00D\w{12,15}![.\w]+$/.test(conn.accessToken), 'want ORGID!opaque with only letters, digits, dot and underscore after the mark');
});
await check('SOAP login with a wrong password is an INVALID_LOGIN fault', async () => {
  const c = new jsforce.Connection({ loginUrl: BASE, version: V });
  try { await c.login(env.USERNAME, 'wrong-password'); } catch (e) { ok(/^INVALID_LOGIN: /.test(e.message), `faultstring ${e.message}`); return; }
  throw new Fail('login succeeded');
});
if (!env.SKIP_OAUTH) {
  await check('login by OAuth password grant', async () => {
    ok(env.CLIENT_ID && env.CLIENT_SECRET, 'CLIENT_ID and CLIENT_SECRET are not set');
    const c = new jsforce.Connection({ oauth2: { loginUrl: BASE, clientId: env.CLIENT_ID, clientSecret: env.CLIENT_SECRET }, loginUrl: BASE, version: V });
    const u = await c.login(env.USERNAME, env.PASSWORD);
    eq(u.id, fx.user.id, 'user id');
    eq(u.url, `${BASE}/id/${fx.user.organizationId}/${fx.user.id}`, 'identity URL');
    fx.oauth = c;
  });
  await check('OAuth password grant with a wrong password', async () => {
    ok(env.CLIENT_ID && env.CLIENT_SECRET, 'CLIENT_ID and CLIENT_SECRET are not set');
    const c = new jsforce.Connection({ oauth2: { loginUrl: BASE, clientId: env.CLIENT_ID, clientSecret: env.CLIENT_SECRET }, loginUrl: BASE, version: V });
    const e = await fails(c.login(env.USERNAME, 'wrong-password'), 'invalid_grant', 'login');
    eq(e.message, 'authentication failure', 'error_description');
  });
  await check('OAuth client credentials grant', async () => {
    ok(env.CLIENT_ID && env.CLIENT_SECRET, 'CLIENT_ID and CLIENT_SECRET are not set');
    const r = await raw('POST', '/services/oauth2/token', { token: null, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ grant_type: 'client_credentials', client_id: env.CLIENT_ID, client_secret: env.CLIENT_SECRET }).toString() });
    eq(r.status, 200, `status (${r.text})`);
    for (const k of ['access_token', 'instance_url', 'id', 'token_type', 'issued_at', 'signature']) ok(typeof r.json[k] === 'string', `${k} is ${show(r.json[k])}`);
    eq(r.json.token_type, 'Bearer', 'token_type');
  });
  await check('unknown grant type', async () => {
    const r = await raw('POST', '/services/oauth2/token', { token: null, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'grant_type=nonsense' });
    eq(r.status, 400, 'status'); eq(r.json?.error, 'unsupported_grant_type', 'error');
  });
  await check('revoked token stops working', async () => {
    const c = need('oauth');
    const token = c.accessToken;
    await c.logout();
    const r = await raw('GET', `${DATA}/limits`, { token });
    eq(r.status, 401, 'status'); eq(r.json?.[0]?.errorCode, 'INVALID_SESSION_ID', 'errorCode');
  });
}
await check('identity', async () => {
  const i = await conn.identity();
  eq(i.user_id, fx.user.id, 'user_id'); eq(i.organization_id, fx.user.organizationId, 'organization_id');
  eq(String(i.username).toLowerCase(), env.USERNAME.toLowerCase(), 'username');
});
await check('userinfo', async () => {
  const r = await raw('GET', '/services/oauth2/userinfo');
  eq(r.status, 200, 'status'); eq(r.json.user_id, fx.user.id, 'user_id');
  for (const k of ['sub', 'organization_id', 'preferred_username', 'name', 'email']) ok(k in r.json, `${k} is missing`);
});
await check('no token is 401 with a JSON array', async () => {
  const r = await raw('GET', `${DATA}/sobjects`, { token: null });
  eq(r.status, 401, 'status'); eq(r.json?.[0]?.errorCode, 'INVALID_SESSION_ID', 'errorCode');
});
await check('jsforce renews an expired session by itself', async () => {
  const c = new jsforce.Connection({ loginUrl: BASE, version: V });
  await c.login(env.USERNAME, env.PASSWORD);
  c.accessToken = `${c.accessToken.slice(0, -4)}zzzz`;
  const r = await c.query('SELECT Id FROM Organization');
  eq(r.totalSize, 1, 'totalSize');
});
await check('limit header is parsed', async () => {
  await conn.query('SELECT Id FROM Organization');
  ok(conn.limitInfo.apiUsage && conn.limitInfo.apiUsage.limit > 0, `limitInfo ${show(conn.limitInfo)}`);
});

// ============================================================ discovery
await check('versions list', async () => {
  const r = await raw('GET', '/services/data', { token: null });
  eq(r.status, 200, 'status');
  ok(Array.isArray(r.json) && r.json.every((x) => x.label && /^\d+\.0$/.test(x.version) && x.url === `/services/data/v${x.version}`), 'entries need label, version, url');
  for (const v of ['41.0', '50.0', '51.0', '59.0', V]) has(r.json.map((x) => x.version), v, 'versions');
});
await check('resource list', async () => {
  const r = await conn.request(`${DATA}`);
  for (const k of ['sobjects', 'query', 'queryAll', 'search', 'limits', 'composite', 'jobs', 'tooling']) ok(typeof r[k] === 'string' && r[k].startsWith(DATA), `${k} is ${show(r[k])}`);
});
await check('limits', async () => {
  const l = await conn.limits();
  for (const k of ['DailyApiRequests', 'DailyStreamingApiEvents']) ok(Number.isInteger(l[k]?.Max) && Number.isInteger(l[k]?.Remaining), `${k} is ${show(l[k])}`);
});
await check('global describe', async () => {
  const g = await conn.describeGlobal();
  eq(g.maxBatchSize, 200, 'maxBatchSize'); eq(g.encoding, 'UTF-8', 'encoding');
  const by = Object.fromEntries(g.sobjects.map((s) => [s.name, s]));
  const prefix = { AgentWork: '0Bz', PendingServiceRouting: '0JR', PushTopic: '0IF', Case: '500', User: '005', Group: '00G', QueueRoutingConfig: '0K9', ServiceChannel: '0N9', ServicePresenceStatus: '0N5' };
  for (const [name, p] of Object.entries(prefix)) { ok(by[name], `${name} is missing`); eq(by[name].keyPrefix, p, `keyPrefix of ${name}`); }
  for (const name of ['AgentWorkSkill', 'UserServicePresence', 'ServiceChannelStatus', 'QueueSobject', 'GroupMember', 'CallCenterRoutingMap', 'CallCenter', 'SkillRequirement', 'ServiceResource', 'PresenceUserConfig']) ok(by[name], `${name} is missing`);
  eq(by.AgentWork.urls, { sobject: `${DATA}/sobjects/AgentWork`, describe: `${DATA}/sobjects/AgentWork/describe`, rowTemplate: `${DATA}/sobjects/AgentWork/{ID}` }, 'urls');
});
function field(d, name, want) {
  const f = d.fields.find((x) => x.name === name);
  ok(f, `${d.name}.${name} is missing`);
  for (const [k, v] of Object.entries(want)) eq(f[k], v, `${d.name}.${name}.${k}`);
  return f;
}
await check('describe AgentWork', async () => {
  const d = await conn.describe('AgentWork');
  field(d, 'Id', { type: 'id', length: 18, nillable: false, createable: false, soapType: 'tns:ID' });
  field(d, 'UserId', { type: 'reference', referenceTo: ['User'], relationshipName: 'User', createable: true });
  field(d, 'ServiceChannelId', { type: 'reference', referenceTo: ['ServiceChannel'], createable: true });
  field(d, 'PendingServiceRoutingId', { type: 'reference', referenceTo: ['PendingServiceRouting'], createable: true });
  has(field(d, 'WorkItemId', { type: 'reference', createable: true }).referenceTo, 'Case', 'WorkItemId.referenceTo');
  const s = field(d, 'Status', { type: 'picklist', restrictedPicklist: true });
  for (const v of ['Assigned', 'Unavailable', 'Declined', 'Opened', 'Closed', 'DeclinedOnPushTimeout', 'Canceled', 'Transferred']) has(s.picklistValues.map((p) => p.value), v, 'Status values');
  for (const f of ['AcceptDateTime', 'AssignedDateTime', 'CloseDateTime', 'DeclineDateTime', 'RequestDateTime', 'CreatedDate', 'SystemModstamp']) field(d, f, { type: 'datetime' });
  for (const f of ['CapacityWeight', 'AgentCapacityWhenDeclined']) field(d, f, { type: 'double' });
  for (const f of ['HandleTime', 'SpeedToAnswer', 'ActiveTime', 'PushTimeout', 'RoutingPriority']) field(d, f, { type: 'int' });
  field(d, 'CapacityPercentage', { type: 'percent' });
  field(d, 'ShouldSkipCapacityCheck', { type: 'boolean' });
  ok(Array.isArray(d.childRelationships) && Array.isArray(d.recordTypeInfos), 'childRelationships and recordTypeInfos must be arrays');
});
await check('describe PendingServiceRouting', async () => {
  const d = await conn.describe('PendingServiceRouting');
  for (const f of ['IsPushed', 'IsPushAttempted', 'IsTransfer', 'IsReadyForRouting', 'IsPreferredUserRequired']) field(d, f, { type: 'boolean', nillable: false });
  field(d, 'Serial', { type: 'int' });
  field(d, 'QueueId', { type: 'reference', referenceTo: ['Group'] });
  field(d, 'GroupId', { type: 'reference', referenceTo: ['Group'] });
  field(d, 'LastDeclinedAgentSession', { type: 'string' });
  const m = field(d, 'RoutingModel', { type: 'picklist', restrictedPicklist: true });
  eq(m.picklistValues.map((p) => p.value).sort(), ['ExternalRouting', 'LeastActive', 'MostAvailable'], 'RoutingModel values');
});
await check('describe of an unknown object', async () => { await fails(conn.describe('NoSuchThing__c'), 'NOT_FOUND', 'describe'); });
await check('describe honours If-Modified-Since', async () => {
  const first = await raw('GET', `${DATA}/sobjects/AgentWork/describe`);
  ok(first.headers.get('last-modified'), 'Last-Modified is missing from the first answer');
  const r = await raw('GET', `${DATA}/sobjects/AgentWork/describe`, { headers: { 'if-modified-since': first.headers.get('last-modified') } });
  eq(r.status, 304, 'status');
});
await check('object names and paths ignore case, trailing and doubled slashes', async () => {
  for (const p of [`${DATA}/sobjects/agentwork/describe`, `${DATA}/sobjects/AgentWork/describe/`, `//services/data/v${V}/sobjects/AgentWork/describe`]) {
    const r = await raw('GET', p); eq(r.status, 200, `GET ${p}`); eq(r.json.name, 'AgentWork', 'name');
  }
});

// ============================================================ fixtures for the data checks
await check('fixture: cases', async () => {
  const rows = [
    { Subject: `${TAG} Alpha`, Status: 'New', Priority: 'High', Origin: 'Phone' },
    { Subject: `${TAG} beta 100%`, Status: 'New', Priority: 'Low', Origin: 'Email' },
    { Subject: `${TAG} beta_two`, Status: 'Working', Priority: 'Low' },
    { Subject: `${TAG} O'Brien \\ co`, Status: 'Working', Priority: 'Medium', Origin: 'Web' },
  ];
  fx.cases = [];
  for (const r of rows) fx.cases.push(await create('Case', r));
  fx.child = await create('Case', { Subject: `${TAG} child`, ParentId: fx.cases[0], Priority: 'High' });
});
const W = `Subject LIKE '${TAG} %'`;

// ============================================================ single records
await check('create answers id, success, errors and a Location', async () => {
  const r = await raw('POST', `${DATA}/sobjects/Case`, { body: { Subject: `${TAG} made raw` } });
  eq(r.status, 201, 'status'); eq(r.json.success, true, 'success'); eq(r.json.errors, [], 'errors');
  made.unshift(['Case', r.json.id]); fx.rawCase = r.json.id;
  eq(r.json.id, to18(r.json.id.slice(0, 15)), 'checksum');
  ok((r.headers.get('location') || '').endsWith(`${DATA}/sobjects/Case/${r.json.id}`), `Location ${r.headers.get('location')}`);
});
await check('retrieve by 18 and by 15 characters', async () => {
  const id = need('rawCase');
  for (const i of [id, id.slice(0, 15)]) {
    const r = await conn.sobject('Case').retrieve(i);
    eq(r.Id, id, 'Id'); eq(r.attributes, { type: 'Case', url: `${DATA}/sobjects/Case/${id}` }, 'attributes');
    ok(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/.test(r.CreatedDate), `CreatedDate ${r.CreatedDate}`);
    eq(r.OwnerId, fx.user.id, 'OwnerId defaults to the creator'); eq(r.Priority, 'Medium', 'Priority default');
    ok(/^\d{8}$/.test(r.CaseNumber), `CaseNumber ${r.CaseNumber}`); eq(r.IsDeleted, false, 'IsDeleted'); ok('Origin' in r && r.Origin === null, 'an empty field is present as null');
  }
});
await check('retrieve a list of fields', async () => {
  const r = await conn.sobject('Case').retrieve(need('rawCase'), { fields: ['Id', 'Subject'] });
  eq(Object.keys(r).sort(), ['Id', 'Subject', 'attributes'], 'keys');
});
await check('retrieve with a bad field', async () => { await fails(conn.sobject('Case').retrieve(need('rawCase'), { fields: ['Nope'] }), 'INVALID_FIELD', 'retrieve'); });
await check('update is 204 with no body', async () => {
  const r = await raw('PATCH', `${DATA}/sobjects/Case/${need('rawCase')}`, { body: { Origin: 'Web' } });
  eq(r.status, 204, 'status'); eq(r.text, '', 'body');
});
await check('update to null clears a field', async () => {
  const before = await conn.sobject('Case').retrieve(need('rawCase'));
  await conn.sobject('Case').update({ Id: fx.rawCase, Origin: null, Subject: `${TAG} renamed` });
  const r = await conn.sobject('Case').retrieve(fx.rawCase);
  eq(r.Origin, null, 'Origin'); eq(r.Subject, `${TAG} renamed`, 'Subject'); ok(r.SystemModstamp >= before.SystemModstamp, 'SystemModstamp must not go back');
});
await check('POST with _HttpMethod=PATCH updates', async () => {
  const r = await raw('POST', `${DATA}/sobjects/Case/${need('rawCase')}?_HttpMethod=PATCH`, { body: { Origin: 'Email' } });
  eq(r.status, 204, `status (${r.text})`);
});
await check('get updated', async () => {
  const now = Date.now();
  const r = await conn.sobject('Case').updated(new Date(now - 3600e3), new Date(now + 3600e3));
  has(r.ids, need('rawCase'), 'ids'); ok(r.latestDateCovered, 'latestDateCovered is missing');
});
await check('delete, then the id is gone', async () => {
  const id = need('rawCase');
  const r = await raw('DELETE', `${DATA}/sobjects/Case/${id}`);
  eq(r.status, 204, 'status');
  eq((await raw('GET', `${DATA}/sobjects/Case/${id}`)).status, 404, 'status of a later read');
  const again = await raw('DELETE', `${DATA}/sobjects/Case/${id}`);
  eq(again.status, 404, 'status of a second delete'); eq(again.json?.[0]?.errorCode, 'ENTITY_IS_DELETED', 'errorCode');
});
await check('query hides, queryAll shows deleted rows', async () => {
  eq((await conn.query(`SELECT Id FROM Case WHERE Id = '${need('rawCase')}'`)).totalSize, 0, 'query');
  const r = await conn.query(`SELECT Id, IsDeleted FROM Case WHERE Id = '${fx.rawCase}'`, { scanAll: true });
  eq(r.totalSize, 1, 'queryAll'); eq(r.records[0].IsDeleted, true, 'IsDeleted');
});
await check('get deleted', async () => {
  const now = Date.now();
  const r = await conn.sobject('Case').deleted(new Date(now - 3600e3), new Date(now + 3600e3));
  has(r.deletedRecords.map((x) => x.id), need('rawCase'), 'deletedRecords'); ok(r.earliestDateAvailable && r.latestDateCovered, 'window fields are missing');
});

// ============================================================ upsert by an external id
await check('fixture: call center', async () => {
  if (env.CALL_CENTER_ID) { fx.cc = env.CALL_CENTER_ID; return; }
  const r = await conn.query('SELECT Id FROM CallCenter LIMIT 1');
  fx.cc = r.totalSize ? r.records[0].Id : await create('CallCenter', { Name: `${TAG} center`, InternalName: TAG });
});
const mapRow = (k, over = {}) => ({ ExternalId: `arn:test:${TAG}:agent/${k}`, DeveloperName: `User_${TAG}_${k}`, MasterLabel: fx.user.id, ReferenceRecordId: fx.user.id, CallCenterId: fx.cc, ...over });
const person = (k, over = {}) => ({ Email: `${TAG}.${k}@example.test`, LastName: `${TAG} ${k}`, ...over });
const byEmail = (k) => `${DATA}/sobjects/Contact/Email/${encodeURIComponent(person(k).Email)}`;
await check('upsert creates with 201 and created true', async () => {
  const { Email, ...rest } = person('up1');
  const r = await raw('PATCH', byEmail('up1'), { body: rest });
  eq(r.status, 201, `status (${r.text})`); eq(r.json.created, true, 'created'); eq(r.json.success, true, 'success');
  fx.person = r.json.id; made.unshift(['Contact', r.json.id]);
});
await check('upsert updates with 200 and created false', async () => {
  const r = await raw('PATCH', byEmail('up1'), { body: { Title: 'one' } });
  eq(r.status, 200, `status (${r.text})`); eq(r.json, { id: need('person'), success: true, errors: [], created: false }, 'body');
});
await check('get by external id', async () => {
  const r = await raw('GET', byEmail('up1'));
  eq(r.status, 200, 'status'); eq(r.json.Id, need('person'), 'Id'); eq(r.json.Title, 'one', 'Title');
});
await check('upsert through jsforce', async () => {
  const r = await conn.sobject('Contact').upsert(person('up2'), 'Email');
  eq(r.created, true, 'created'); made.unshift(['Contact', r.id]);
});
await check('upsert with two matches answers 300 and lists both', async () => {
  const a = await create('Contact', person('twin')); const b = await create('Contact', person('twin'));
  const r = await raw('PATCH', byEmail('twin'), { body: { Title: 'x' } }); eq(r.status, 300, `status (${r.text})`);
  ok(Array.isArray(r.json) && r.json.length === 2 && [a, b].every((id) => r.json.some((u) => u.endsWith(`/sobjects/Contact/${id}`))), `body ${show(r.json)}`);
});
await check('upsert on a field that is not an external id', async () => {
  const r = await raw('PATCH', `${DATA}/sobjects/Contact/Title/x`, { body: {} });
  eq(r.status, 404, 'status'); eq(r.json?.[0]?.errorCode, 'NOT_FOUND', 'errorCode');
});

// ============================================================ SOQL
const q = (s) => conn.query(s);
const subjects = (r) => r.records.map((x) => x.Subject.replace(`${TAG} `, ''));
await check('soql: shape of an answer', async () => {
  const r = await q(`SELECT Id, Subject FROM Case WHERE Id = '${need('cases')[0]}'`);
  eq(r, { records: [{ attributes: { type: 'Case', url: `${DATA}/sobjects/Case/${fx.cases[0]}` }, Id: fx.cases[0], Subject: `${TAG} Alpha` }], totalSize: 1, done: true }, 'answer');
});
await check('soql: empty answer', async () => {
  const r = await raw('GET', `${DATA}/query?q=${encodeURIComponent("SELECT Id FROM Case WHERE Subject = 'no such subject'")}`);
  eq(r.json, { totalSize: 0, done: true, records: [] }, 'answer');
});
await check('soql: strings compare without case', async () => { eq((await q(`SELECT Id FROM Case WHERE Subject = '${TAG.toUpperCase()} ALPHA'`)).totalSize, 1, 'rows'); });
await check('soql: keywords and names ignore case, answers use canonical names', async () => {
  const r = await q(`select id, subject from case where id = '${need('cases')[0]}'`);
  eq(Object.keys(r.records[0]), ['attributes', 'Id', 'Subject'], 'keys');
});
await check('soql: 15-character ids compare equal to 18', async () => { eq((await q(`SELECT Id FROM Case WHERE Id = '${need('cases')[0].slice(0, 15)}'`)).totalSize, 1, 'rows'); });
await check('soql: LIKE with wildcards and escapes', async () => {
  eq(subjects(await q(`SELECT Subject FROM Case WHERE Subject LIKE '${TAG} BETA%' ORDER BY Subject`)), ['beta 100%', 'beta_two'], 'prefix');
  eq((await q(`SELECT Id FROM Case WHERE Subject LIKE '${TAG} beta 100\\%'`)).totalSize, 1, 'escaped percent');
  eq((await q(`SELECT Id FROM Case WHERE Subject LIKE '${TAG} beta\\_two'`)).totalSize, 1, 'escaped underscore');
  eq((await q(`SELECT Id FROM Case WHERE Subject LIKE '${TAG} _lpha'`)).totalSize, 1, 'one character');
});
await check('soql: quote and backslash escapes', async () => { eq((await q(`SELECT Id FROM Case WHERE Subject = '${TAG} O\\'Brien \\\\ co'`)).totalSize, 1, 'rows'); });
await check('soql: null tests', async () => {
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND Origin = null AND ParentId = null`)).totalSize, 1, '= null');
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND ParentId != null`)).totalSize, 1, '!= null');
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND Origin != 'Phone' AND ParentId = null`)).totalSize, 3, '!= value also keeps rows where the field is null');
});
await check('soql: AND, OR, NOT with parentheses', async () => {
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND (Status = 'Working' OR Priority = 'High') AND ParentId = null`)).totalSize, 3, 'or');
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND (NOT Status = 'Working') AND ParentId = null`)).totalSize, 2, 'not');
});
await check('soql: mixing AND and OR without parentheses is refused', async () => { await fails(q("SELECT Id FROM Case WHERE Status = 'New' AND Priority = 'High' OR Priority = 'Low'"), 'MALFORMED_QUERY', 'query'); });
await check('soql: IN and NOT IN', async () => {
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND Origin IN ('phone', 'Web')`)).totalSize, 2, 'in');
  eq((await q(`SELECT Id FROM Case WHERE Id IN ('${need('cases').map((x) => x.slice(0, 15)).join("','")}')`)).totalSize, 4, 'in with short ids');
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND Priority NOT IN ('High')`)).totalSize, 3, 'not in');
});
await check('soql: date literals', async () => {
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND CreatedDate = TODAY`)).totalSize >= 5, true, 'TODAY');
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND CreatedDate = LAST_N_DAYS:3`)).totalSize >= 5, true, 'LAST_N_DAYS:3 contains today');
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND CreatedDate < TODAY`)).totalSize, 0, '< TODAY');
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND CreatedDate > YESTERDAY`)).totalSize >= 5, true, '> YESTERDAY');
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND CreatedDate = THIS_YEAR AND CreatedDate = THIS_MONTH`)).totalSize >= 5, true, 'THIS_YEAR and THIS_MONTH');
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND CreatedDate = N_DAYS_AGO:2`)).totalSize, 0, 'N_DAYS_AGO:2');
});
await check('soql: datetime literals, never quoted', async () => {
  const t = new Date(Date.now() - 3600e3).toISOString().replace(/\.\d+Z/, 'Z');
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND CreatedDate >= ${t}`)).totalSize >= 5, true, 'Z form');
  const o = new Date(Date.now() - 3600e3 + 2 * 3600e3).toISOString().replace(/\.\d+Z/, '%2B02:00').replace('%2B', '+');
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND CreatedDate >= ${o}`)).totalSize >= 5, true, 'offset form');
  await fails(q(`SELECT Id FROM Case WHERE CreatedDate >= '${t}'`), 'INVALID_FIELD', 'quoted datetime');
});
await check('soql: parent path', async () => {
  const r = await q(`SELECT Id, Parent.Subject, Parent.Owner.Name FROM Case WHERE Id = '${need('child')}'`);
  const p = r.records[0].Parent;
  eq(p.attributes, { type: 'Case', url: `${DATA}/sobjects/Case/${fx.cases[0]}` }, 'Parent.attributes'); eq(p.Subject, `${TAG} Alpha`, 'Parent.Subject');
  ok(p.Owner && typeof p.Owner.Name === 'string', `Parent.Owner is ${show(p.Owner)}`);
});
await check('soql: parent that is not there is null', async () => {
  const r = await q(`SELECT Id, Parent.Subject FROM Case WHERE Id = '${need('cases')[1]}'`);
  eq(r.records[0].Parent, null, 'Parent');
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND Parent.Subject = null`)).totalSize >= 4, true, 'a filter on a missing parent matches null');
});
await check('soql: filter by parent path', async () => { eq((await q(`SELECT Id FROM Case WHERE Parent.Subject = '${TAG} alpha'`)).records.map((x) => x.Id), [need('child')], 'ids'); });
await check('soql: child subquery', async () => {
  const r = await q(`SELECT Id, (SELECT Id, Subject FROM Cases ORDER BY Subject) FROM Case WHERE Id IN ('${need('cases')[0]}', '${fx.cases[1]}') ORDER BY Subject`);
  const a = r.records[0];
  eq([a.Cases.totalSize, a.Cases.done, a.Cases.records[0].Id], [1, true, fx.child], 'Cases of the parent');
  eq(r.records[1].Cases, null, 'Cases of a row without children');
});
await check('soql: polymorphic owner', async () => {
  const r = await q(`SELECT Id, Owner.Type, Owner.Name FROM Case WHERE Id = '${need('cases')[0]}'`);
  eq(r.records[0].Owner.Type, 'User', 'Owner.Type');
  eq((await q(`SELECT Id FROM Case WHERE ${W} AND Owner.Type = 'Group'`)).totalSize, 0, 'filter on Owner.Type');
});
await check('soql: TYPEOF', async () => {
  const r = await q(`SELECT Id, TYPEOF Owner WHEN User THEN Username WHEN Group THEN DeveloperName END FROM Case WHERE Id = '${need('cases')[0]}'`);
  eq(String(r.records[0].Owner.Username).toLowerCase(), env.USERNAME.toLowerCase(), 'Owner.Username'); eq(r.records[0].Owner.attributes.type, 'User', 'type');
});
await check('soql: count()', async () => {
  const r = await raw('GET', `${DATA}/query?q=${encodeURIComponent(`SELECT COUNT() FROM Case WHERE ${W}`)}`);
  ok(r.json.totalSize >= 5, `totalSize ${r.json.totalSize}`); eq(r.json.records, [], 'records'); eq(r.json.done, true, 'done');
});
await check('soql: aggregates without a group', async () => {
  const r = await q(`SELECT COUNT(Id), COUNT(Origin) o, COUNT_DISTINCT(Priority), MIN(CreatedDate) lo, MAX(CreatedDate) hi FROM Case WHERE ${W} AND ParentId = null`);
  const x = r.records[0];
  eq(x.attributes, { type: 'AggregateResult' }, 'attributes'); eq([x.expr0, x.o, x.expr1], [4, 3, 3], 'expr0, alias, expr1'); ok(x.lo <= x.hi, 'MIN and MAX of a datetime');
});
await check('soql: group by, having, order by an aggregate', async () => {
  const r = await q(`SELECT Priority, COUNT(Id) n FROM Case WHERE ${W} GROUP BY Priority HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC, Priority`);
  eq(r.records.map((x) => [x.Priority, x.n]), [['High', 2], ['Low', 2]], 'rows');
});
await check('soql: sum and average', async () => {
  fx.rcs = [];
  for (const p of [1, 2, 6]) fx.rcs.push(await create('QueueRoutingConfig', { DeveloperName: `${TAG}_p${p}`, MasterLabel: `${TAG} p${p}`, RoutingModel: 'LeastActive', RoutingPriority: p, CapacityWeight: p / 2 }));
  const r = await q(`SELECT SUM(RoutingPriority) s, AVG(CapacityWeight) a, MAX(RoutingPriority) m FROM QueueRoutingConfig WHERE DeveloperName LIKE '${TAG}\\_p%'`);
  eq([r.records[0].s, r.records[0].a, r.records[0].m], [9, 1.5, 6], 'sum, average, maximum');
});
await check('soql: a selected field that is not grouped is refused', async () => { await fails(q('SELECT Subject, COUNT(Id) FROM Case GROUP BY Status'), 'MALFORMED_QUERY', 'query'); });
await check('soql: order by with nulls', async () => {
  const rows = async (tail) => (await q(`SELECT PushTimeout FROM QueueRoutingConfig WHERE DeveloperName LIKE '${TAG}\\_p%' ORDER BY PushTimeout ${tail}`)).records.map((x) => x.PushTimeout);
  await conn.sobject('QueueRoutingConfig').update([{ Id: need('rcs')[0], PushTimeout: 30 }, { Id: fx.rcs[1], PushTimeout: 20 }]);
  eq(await rows(''), [null, 20, 30], 'nulls come first unless told otherwise');
  eq(await rows('NULLS LAST'), [20, 30, null], 'NULLS LAST');
  eq(await rows('DESC NULLS LAST'), [30, 20, null], 'DESC NULLS LAST');
});
await check('soql: picklists sort in the order of their definition', async () => {
  const values = (await conn.describe('Case')).fields.find((f) => f.name === 'Priority').picklistValues.map((p) => p.value);
  const got = (await q(`SELECT Priority FROM Case WHERE ${W} AND ParentId = null ORDER BY Priority`)).records.map((x) => x.Priority);
  eq(got, [...got].sort((a, b) => values.indexOf(a) - values.indexOf(b)), 'order');
});
await check('soql: limit and offset', async () => {
  const all = (await q(`SELECT Id FROM Case WHERE ${W} ORDER BY Id`)).records.map((x) => x.Id);
  eq((await q(`SELECT Id FROM Case WHERE ${W} ORDER BY Id LIMIT 2 OFFSET 1`)).records.map((x) => x.Id), all.slice(1, 3), 'window');
  await fails(q('SELECT Id FROM Case ORDER BY Id LIMIT 1 OFFSET 2001'), 'NUMBER_OUTSIDE_VALID_RANGE', 'OFFSET 2001');
});
await check('soql: semi-join and anti-join', async () => {
  const g = await create('Group', { Type: 'Queue', Name: `${TAG} plain`, DeveloperName: `${TAG}_plain` });
  await create('QueueSobject', { QueueId: g, SobjectType: 'Case' });
  eq((await q(`SELECT Id FROM Group WHERE Name LIKE '${TAG} %' AND Id IN (SELECT QueueId FROM QueueSobject WHERE SobjectType = 'Case')`)).records.map((x) => x.Id), [g], 'semi-join');
  eq((await q(`SELECT Id FROM Group WHERE Id = '${g}' AND Id NOT IN (SELECT QueueId FROM QueueSobject WHERE SobjectType = 'Case')`)).totalSize, 0, 'anti-join');
  eq((await q(`SELECT Id, (SELECT SobjectType FROM QueueSobjects) FROM Group WHERE Id = '${g}'`)).records[0].QueueSobjects.records.map((x) => x.SobjectType), ['Case'], 'child rows of a queue');
  await fails(q(`SELECT Id FROM Case WHERE Id IN (SELECT ParentId FROM Case)`), ['MALFORMED_QUERY', 'INVALID_FIELD'], 'inner and outer on one object');
});
await check('soql: FIELDS(ALL) needs a limit', async () => {
  const r = await q(`SELECT FIELDS(ALL) FROM Case WHERE ${W} LIMIT 5`);
  ok('CreatedDate' in r.records[0] && 'OwnerId' in r.records[0], 'columns are missing');
  await fails(q('SELECT FIELDS(ALL) FROM Case'), ['MALFORMED_QUERY', 'INVALID_FIELD'], 'no limit');
});
await check('soql: FIELDS(STANDARD) and duplicate columns', async () => {
  ok('Subject' in (await q(`SELECT FIELDS(STANDARD) FROM Case WHERE ${W}`)).records[0], 'Subject is missing');
  const e = await fails(q('SELECT Id, FIELDS(ALL) FROM User LIMIT 1'), 'INVALID_FIELD', 'duplicate'); eq(e.message, 'duplicate field selected: Id', 'message');
});
await check('soql: toLabel, alias of FROM, FOR VIEW', async () => {
  const r = await q(`SELECT c.Id, toLabel(c.Status) FROM Case c WHERE c.Id = '${need('cases')[0]}' LIMIT 1`);
  eq(r.records[0].Status, 'New', 'toLabel');
  eq((await q(`SELECT Id FROM Case WHERE Id = '${fx.cases[0]}' FOR VIEW`)).totalSize, 1, 'FOR VIEW');
});
await check('soql: date functions', async () => {
  const y = new Date().getUTCFullYear();
  eq((await q(`SELECT CALENDAR_YEAR(CreatedDate) y, COUNT(Id) n FROM Case WHERE ${W} AND CALENDAR_YEAR(CreatedDate) = ${y} GROUP BY CALENDAR_YEAR(CreatedDate)`)).records[0].y, y, 'CALENDAR_YEAR');
});
await check('soql: errors', async () => {
  const e1 = await fails(q('SELECT Nope FROM Case'), 'INVALID_FIELD', 'unknown column');
  ok(/No such column 'Nope' on (entity|sobject) 'Case'/i.test(e1.message), `message ${e1.message}`);
  await fails(q('SELECT Id FROM NoSuchThing'), 'INVALID_TYPE', 'unknown object');
  await fails(q('SELECT Id FROM'), 'MALFORMED_QUERY', 'cut off');
  await fails(q('SELECT * FROM Case'), 'MALFORMED_QUERY', 'star');
  await fails(q('SELECT Id, Bogus.Name FROM Case'), 'INVALID_FIELD', 'unknown relationship');
  await fails(q('SELECT Id, (SELECT Id FROM Bogus) FROM Case'), ['INVALID_TYPE', 'INVALID_FIELD'], 'unknown child relationship');
  await fails(q("SELECT Id FROM Case WHERE Id = 'nonsense'"), 'INVALID_QUERY_FILTER_OPERATOR', 'bad id literal');
  await fails(q('SELECT Id FROM Case WHERE Subject = 5'), 'INVALID_FIELD', 'number against a string');
  await fails(conn.queryMore('01g000000000000AAA-200'), 'INVALID_QUERY_LOCATOR', 'unknown locator');
});
await check('soql: query builder of jsforce', async () => {
  const r = await conn.sobject('Case').find({ Subject: { $like: `${TAG} %` }, Priority: ['High', 'Low'], ParentId: null }, 'Id, Subject').sort({ Subject: 1 }).limit(2).execute();
  eq(r.map((x) => x.Subject.replace(`${TAG} `, '')), ['Alpha', 'beta 100%'], 'rows');
  eq(await conn.sobject('Case').count({ ParentId: need('cases')[0] }), 1, 'count');
});
await check('soql: columns=true', async () => {
  const r = await raw('GET', `${DATA}/query?q=${encodeURIComponent('SELECT Id, Owner.Name FROM Case')}&columns=true`);
  eq(r.status, 200, 'status'); ok(Array.isArray(r.json.columnMetadata), `columnMetadata is ${show(r.json.columnMetadata)}`);
  eq(r.json.columnMetadata.map((c) => c.columnName), ['Id', 'Owner'], 'columnName'); eq(r.json.columnMetadata[1].joinColumns.map((c) => c.columnName), ['Name'], 'joinColumns');
});
await check('sosl', async () => {
  const r = await conn.search(`FIND {${TAG}} IN ALL FIELDS RETURNING Case(Id, Subject)`);
  ok(Array.isArray(r.searchRecords) && r.searchRecords.some((x) => x.attributes.type === 'Case'), `searchRecords ${show(r)}`);
  await fails(conn.search('FIND nothing'), 'MALFORMED_SEARCH', 'bad search');
});

// ============================================================ collections and paging
await check('collections: 200 records in one create', async () => {
  const recs = Array.from({ length: 205 }, (_, i) => ({ Subject: `${TAG}bulk ${String(i).padStart(3, '0')}` }));
  const r = await conn.sobject('Case').create(recs, { allowRecursive: true });
  eq(r.length, 205, 'results'); ok(r.every((x) => x.success && x.id), 'every one succeeds');
  r.forEach((x) => made.unshift(['Case', x.id])); fx.bulk = r.map((x) => x.id);
});
await check('query pages by the batchSize option', async () => {
  need('bulk');
  const r = await conn.query(`SELECT Id FROM Case WHERE Subject LIKE '${TAG}bulk %' ORDER BY Subject`, { headers: { 'Sforce-Query-Options': 'batchSize=200' } });
  eq([r.totalSize, r.done, r.records.length], [205, false, 200], 'first page'); ok(r.nextRecordsUrl, 'nextRecordsUrl is missing');
  const m = await conn.queryMore(r.nextRecordsUrl);
  eq([m.totalSize, m.done, m.records.length], [205, true, 5], 'second page');
  eq([...r.records, ...m.records].map((x) => x.Id), fx.bulk, 'ids in order');
});
await check('auto-fetch walks every page', async () => {
  const all = await conn.query(`SELECT Id FROM Case WHERE Subject LIKE '${TAG}bulk %'`, { autoFetch: true, maxFetch: 1000, headers: { 'Sforce-Query-Options': 'batchSize=200' } });
  eq(all.records.length, 205, 'records');
});
await check('collections: more than 200 is refused', async () => {
  const r = await raw('POST', `${DATA}/composite/sobjects`, { body: { allOrNone: false, records: Array.from({ length: 201 }, () => ({ attributes: { type: 'Case' }, Subject: TAG })) } });
  eq(r.status, 400, 'status'); ok(typeof r.json?.[0]?.errorCode === 'string', `body ${r.text.slice(0, 200)}`);
});
await check('collections: partial success', async () => {
  const r = await conn.sobject('Case').create([{ Subject: `${TAG} part` }, { Subject: 'x'.repeat(256) }, { Nope: 1 }]);
  made.unshift(['Case', r[0].id]);
  eq(r.map((x) => x.success), [true, false, false], 'success'); eq(r[1].errors[0].statusCode, 'STRING_TOO_LONG', 'statusCode'); eq(r[1].errors[0].fields, ['Subject'], 'fields'); eq(r[2].errors[0].statusCode, 'INVALID_FIELD', 'statusCode');
});
await check('collections: allOrNone rolls back', async () => {
  const r = await conn.sobject('Case').create([{ Subject: `${TAG} rolled` }, { Subject: 'x'.repeat(256) }], { allOrNone: true });
  eq(r.map((x) => x.success), [false, false], 'success'); eq(r[0].errors[0].statusCode, 'ALL_OR_NONE_OPERATION_ROLLED_BACK', 'statusCode');
  eq((await q(`SELECT Id FROM Case WHERE Subject = '${TAG} rolled'`)).totalSize, 0, 'rows left behind');
});
await check('collections: retrieve many gives null for a missing id', async () => {
  const ghost = to18('500000000000zzz');
  const r = await conn.sobject('Case').retrieve([need('cases')[0], ghost], { fields: ['Id', 'Subject'] });
  eq(r.length, 2, 'length'); eq(r[0].Id, fx.cases[0], 'first'); eq(r[1], null, 'second');
});
await check('collections: update and upsert many', async () => {
  const r = await conn.sobject('Case').update([{ Id: need('cases')[2], Origin: 'Web' }, { Id: to18('500000000000zzz'), Origin: 'Web' }]);
  eq(r.map((x) => x.success), [true, false], 'update'); await conn.sobject('Case').update({ Id: fx.cases[2], Origin: null });
  const u = await conn.sobject('Contact').upsert([person('up1', { Title: 'two' }), person('up3')], 'Email');
  eq(u.map((x) => x.created), [false, true], 'created'); made.unshift(['Contact', u[1].id]);
});
await check('collections: delete many', async () => {
  const ids = need('bulk').slice(0, 200);
  const r = await conn.sobject('Case').destroy(ids);
  eq(r.length, 200, 'results'); ok(r.every((x) => x.success), 'every one succeeds');
  eq((await q(`SELECT COUNT() FROM Case WHERE Subject LIKE '${TAG}bulk %'`)).totalSize, 5, 'rows left');
});

// ============================================================ composite
const sub = (method, url, referenceId, body) => ({ method, url: `${DATA}${url}`, referenceId, ...(body ? { body } : {}) });
await check('composite: one request uses the result of another', async () => {
  const r = await conn.requestPost(`${DATA}/composite`, { allOrNone: true, compositeRequest: [
    sub('POST', '/sobjects/Case', 'p', { Subject: `${TAG} comp parent` }),
    sub('POST', '/sobjects/Case', 'c', { Subject: `${TAG} comp child`, ParentId: '@{p.id}' }),
    sub('GET', '/sobjects/Case/@{c.id}?fields=Id,ParentId', 'g'),
    sub('GET', "/query?q=SELECT+Id+FROM+Case+WHERE+ParentId='@{p.id}'", 'q'),
    sub('PATCH', '/sobjects/Case/@{q.records[0].Id}', 'u', { Origin: 'Web' }),
  ] });
  const c = r.compositeResponse;
  eq(c.map((x) => [x.referenceId, x.httpStatusCode]), [['p', 201], ['c', 201], ['g', 200], ['q', 200], ['u', 204]], 'statuses');
  made.unshift(['Case', c[0].body.id]); made.unshift(['Case', c[1].body.id]);
  eq(c[2].body.ParentId, c[0].body.id, 'ParentId'); eq(c[3].body.totalSize, 1, 'query'); ok(c[0].httpHeaders.Location, 'Location is missing'); eq(c[4].body, null, 'body of a 204');
});
await check('composite: a failure without allOrNone stops only its dependants', async () => {
  const r = await conn.requestPost(`${DATA}/composite`, { allOrNone: false, compositeRequest: [
    sub('POST', '/sobjects/Case', 'bad', { Subject: 'x'.repeat(256) }),
    sub('POST', '/sobjects/Case', 'dep', { Subject: `${TAG} dep`, ParentId: '@{bad.id}' }),
    sub('POST', '/sobjects/Case', 'free', { Subject: `${TAG} free` }),
  ] });
  const c = r.compositeResponse;
  eq(c.map((x) => x.httpStatusCode), [400, 400, 201], 'statuses'); made.unshift(['Case', c[2].body.id]);
  eq([c[0].body[0].errorCode, c[1].body[0].errorCode], ['STRING_TOO_LONG', 'PROCESSING_HALTED'], 'errorCodes');
});
await check('composite: allOrNone rolls everything back', async () => {
  const r = await conn.requestPost(`${DATA}/composite`, { allOrNone: true, compositeRequest: [
    sub('POST', '/sobjects/Case', 'a', { Subject: `${TAG} atom` }), sub('POST', '/sobjects/Case', 'b', { Subject: 'x'.repeat(256) }) ] });
  eq(r.compositeResponse.map((x) => [x.httpStatusCode, x.body[0].errorCode]), [[400, 'PROCESSING_HALTED'], [400, 'STRING_TOO_LONG']], 'answers');
  eq((await q(`SELECT Id FROM Case WHERE Subject = '${TAG} atom'`)).totalSize, 0, 'rows left behind');
});
await check('composite: batch', async () => {
  const r = await conn.requestPost(`${DATA}/composite/batch`, { haltOnError: true, batchRequests: [
    { method: 'GET', url: `v${V}/limits` }, { method: 'GET', url: `v${V}/sobjects/Nope/describe` }, { method: 'GET', url: `v${V}/limits` } ] });
  eq(r.hasErrors, true, 'hasErrors'); eq(r.results.map((x) => x.statusCode), [200, 404, 412], 'statusCode'); eq(r.results[2].result[0].errorCode, 'BATCH_PROCESSING_HALTED', 'halted');
});
await check('composite: tree', async () => {
  const r = await raw('POST', `${DATA}/composite/tree/Case`, { body: { records: [{ attributes: { type: 'Case', referenceId: 'r1' }, Subject: `${TAG} tree`, Cases: { records: [{ attributes: { type: 'Case', referenceId: 'r2' }, Subject: `${TAG} twig` }] } }] } });
  eq(r.status, 201, `status (${r.text.slice(0, 200)})`); eq(r.json.hasErrors, false, 'hasErrors'); eq(r.json.results.map((x) => x.referenceId), ['r1', 'r2'], 'referenceId');
  r.json.results.forEach((x) => made.unshift(['Case', x.id]));
  eq((await conn.sobject('Case').retrieve(r.json.results[1].id)).ParentId, r.json.results[0].id, 'ParentId of the child');
  const bad = await raw('POST', `${DATA}/composite/tree/Case`, { body: { records: [{ attributes: { type: 'Case', referenceId: 'x1' }, Subject: 'x'.repeat(256) }] } });
  eq([bad.status, bad.json.hasErrors, bad.json.results[0].errors[0].statusCode], [400, true, 'STRING_TOO_LONG'], 'failing tree');
});
await check('composite: graph', async () => {
  const r = await conn.requestPost(`${DATA}/composite/graph`, { graphs: [
    { graphId: '1', compositeRequest: [sub('POST', '/sobjects/Case', 'g1', { Subject: `${TAG} graph` }), sub('PATCH', '/sobjects/Case/@{g1.id}', 'g2', { Origin: 'Web' })] },
    { graphId: '2', compositeRequest: [sub('POST', '/sobjects/Case', 'h1', { Subject: 'x'.repeat(256) })] } ] });
  eq(r.graphs.map((g) => [g.graphId, g.isSuccessful]), [['1', true], ['2', false]], 'graphs');
  made.unshift(['Case', r.graphs[0].graphResponse.compositeResponse[0].body.id]);
});

// ============================================================ errors of single requests
const err = async (method, path, body, status, code, fields, headers) => {
  const r = await raw(method, path, { body, headers });
  eq(r.status, status, `status (${r.text.slice(0, 200)})`); ok(Array.isArray(r.json) && typeof r.json[0].message === 'string', `body ${r.text.slice(0, 200)}`);
  eq(r.json[0].errorCode, code, 'errorCode'); if (fields) eq([...(r.json[0].fields || [])].sort(), [...fields].sort(), 'fields');
};
await check('error: unknown resource', () => err('GET', `${DATA}/nonsense`, undefined, 404, 'NOT_FOUND'));
await check('error: unsupported version', () => err('GET', '/services/data/v10.0/limits', undefined, 404, 'NOT_FOUND'));
await check('error: wrong verb', () => err('DELETE', `${DATA}/sobjects`, undefined, 405, 'METHOD_NOT_ALLOWED'));
await check('error: body is not JSON', () => err('POST', `${DATA}/sobjects/Case`, '{"Subject":', 400, 'JSON_PARSER_ERROR'));
await check('error: wrong JSON type', () => err('POST', `${DATA}/sobjects/Case`, { Subject: { a: 1 } }, 400, 'JSON_PARSER_ERROR'));
await check('error: unsupported content type', () => err('POST', `${DATA}/sobjects/Case`, 'a=b', 415, 'UNSUPPORTED_MEDIA_TYPE', undefined, { 'content-type': 'application/x-foo' }));
await check('error: unknown field', () => err('POST', `${DATA}/sobjects/Case`, { Nope: 1 }, 400, 'INVALID_FIELD'));
await check('error: read-only field', () => err('POST', `${DATA}/sobjects/Case`, { CaseNumber: '1' }, 400, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['CaseNumber']));
await check('error: required field', () => err('POST', `${DATA}/sobjects/PushTopic`, { Name: `${TAG}x` }, 400, 'REQUIRED_FIELD_MISSING', ['Query', 'ApiVersion']));
await check('error: too long', () => err('POST', `${DATA}/sobjects/Case`, { Subject: 'x'.repeat(256) }, 400, 'STRING_TOO_LONG', ['Subject']));
await check('error: restricted picklist', () => err('POST', `${DATA}/sobjects/QueueRoutingConfig`, { DeveloperName: `${TAG}_bad`, MasterLabel: 'x', RoutingModel: 'Nope', RoutingPriority: 1 }, 400, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', ['RoutingModel']));
await check('error: malformed id', () => err('POST', `${DATA}/sobjects/Case`, { ParentId: 'xyz' }, 400, 'MALFORMED_ID', ['ParentId']));
await check('error: reference to nothing', () => err('POST', `${DATA}/sobjects/Case`, { ParentId: to18('500000000000zzz') }, 400, 'INVALID_CROSS_REFERENCE_KEY'));
await check('error: unknown id', () => err('GET', `${DATA}/sobjects/Case/${to18('500000000000zzz')}`, undefined, 404, 'NOT_FOUND'));
await check('error: duplicate of a unique field', async () => {
  const t = { Name: `${TAG}dup`, Query: 'SELECT Id, Subject FROM Case', ApiVersion: Number(V) };
  await create('PushTopic', t); await err('POST', `${DATA}/sobjects/PushTopic`, t, 400, 'DUPLICATE_VALUE');
});

// ============================================================ representation
await check('gzip on request', async () => {
  const r = await fetch(`${BASE}${DATA}/sobjects`, { headers: { authorization: `Bearer ${conn.accessToken}`, 'accept-encoding': 'gzip' } });
  eq(r.headers.get('content-encoding'), 'gzip', 'content-encoding'); ok(Array.isArray((await r.json()).sobjects), 'body');
});
await check('XML on request', async () => {
  const r = await raw('GET', `${DATA}/query?q=${encodeURIComponent(`SELECT Id, Subject FROM Case WHERE Id = '${need('cases')[0]}'`)}`, { headers: { accept: 'application/xml' } });
  ok(/^application\/xml/.test(r.headers.get('content-type')), `content-type ${r.headers.get('content-type')}`); ok(r.text.includes(`<Id>${fx.cases[0]}</Id>`) || r.text.includes(`>${fx.cases[0]}<`), 'the record is not in the body');
  const e = await raw('GET', `${DATA}/nonsense`, { headers: { accept: 'application/xml' } });
  ok(/<Errors>\s*<Error>[\s\S]*<errorCode>NOT_FOUND<\/errorCode>/.test(e.text.replace(/<Errors[^>]*>/, '<Errors>')), `error body ${e.text.slice(0, 200)}`);
});
await check('JSON content type', async () => { const r = await raw('GET', `${DATA}/limits`); ok(/^application\/json;\s*charset=utf-8$/i.test(r.headers.get('content-type')), `content-type ${r.headers.get('content-type')}`); });

// ============================================================ bulk
await check('bulk 2.0: load CallCenterRoutingMap from CSV', async () => {
  need('cc'); const g = mapRow('b1'); const h = mapRow('b2');
  const csv = ['ExternalId,DeveloperName,MasterLabel,ReferenceRecordId,CallCenterId', [g.ExternalId, g.DeveloperName, g.MasterLabel, g.ReferenceRecordId, g.CallCenterId].join(','), [h.ExternalId, h.DeveloperName, `"label, ""two"""`, h.ReferenceRecordId, h.CallCenterId].join(','), ['', `User_${TAG}_b3`, 'x', g.ReferenceRecordId, g.CallCenterId].join(','), ''].join('\n');
  const job = conn.bulk2.createJob({ object: 'CallCenterRoutingMap', operation: 'insert' });
  const info = await job.open();
  eq([info.state, info.object, info.operation, info.contentType, info.lineEnding, info.columnDelimiter], ['Open', 'CallCenterRoutingMap', 'insert', 'CSV', 'LF', 'COMMA'], 'job');
  ok(/^750/.test(info.id), `job id ${info.id}`); eq(info.contentUrl, `services/data/v${V}/jobs/ingest/${info.id}/batches`, 'contentUrl'); eq(typeof info.apiVersion, 'number', 'type of apiVersion');
  await job.uploadData(csv); await job.close(); await job.poll(300, TIMEOUT - 5000);
  const done = await job.check(); eq([done.state, done.numberRecordsProcessed, done.numberRecordsFailed], ['JobComplete', 3, 1], 'counts');
  const r = await job.getAllResults();
  eq(r.successfulResults.map((x) => [x.sf__Created, x.ExternalId, x.MasterLabel]), [['true', g.ExternalId, g.MasterLabel], ['true', h.ExternalId, 'label, "two"']], 'successfulResults');
  eq(r.failedResults.length, 1, 'failedResults'); ok(/^REQUIRED_FIELD_MISSING:/.test(r.failedResults[0].sf__Error), `sf__Error ${r.failedResults[0].sf__Error}`); eq(r.unprocessedRecords.length, 0, 'unprocessedRecords');
  r.successfulResults.forEach((x) => made.unshift(['CallCenterRoutingMap', x.sf__Id])); fx.bulkIds = r.successfulResults.map((x) => x.sf__Id);
});
await check('bulk 2.0: upsert with semicolons and CRLF', async () => {
  const list = [person('b0'), person('b4')]; await create('Contact', list[0]);
  const rows = [['Email', 'LastName', 'Title'], ...list.map((x) => [x.Email, x.LastName, 'third'])].map((x) => x.join(';')).join('\r\n') + '\r\n';
  const r = await conn.bulk2.loadAndWaitForResults({ object: 'Contact', operation: 'upsert', externalIdFieldName: 'Email', columnDelimiter: 'SEMICOLON', lineEnding: 'CRLF', input: rows, pollInterval: 300 });
  eq(r.successfulResults.map((x) => [x.Email, x.sf__Created]), [[list[0].Email, 'false'], [list[1].Email, 'true']], 'successfulResults');
  r.successfulResults.forEach((x) => made.unshift(['Contact', x.sf__Id]));
});
await check('bulk 2.0: query', async () => {
  const s = await conn.bulk2.query(`SELECT Id, ExternalId, CallCenter.Name FROM CallCenterRoutingMap WHERE ExternalId LIKE 'arn:test:${TAG}:agent/b%'`, { pollInterval: 300 });
  need('bulkIds'); const rows = await s.toArray(); eq(rows.length, 2, 'rows'); eq(Object.keys(rows[0]), ['Id', 'ExternalId', 'CallCenter.Name'], 'columns');
});
await check('bulk 2.0: delete', async () => {
  const r = await conn.bulk2.loadAndWaitForResults({ object: 'CallCenterRoutingMap', operation: 'delete', input: need('bulkIds').map((Id) => ({ Id })), pollInterval: 300 });
  eq(r.successfulResults.length, 2, 'successfulResults');
});
await check('bulk 2.0: abort and delete a job, unknown object', async () => {
  const job = conn.bulk2.createJob({ object: 'Case', operation: 'insert' }); await job.open(); await job.abort();
  eq((await job.check()).state, 'Aborted', 'state'); await job.delete();
  await fails(conn.bulk2.job('ingest', { id: job.id }).check(), 'NOT_FOUND', 'deleted job');
  await fails(conn.bulk2.createJob({ object: 'NoSuchThing', operation: 'insert' }).open(), ['INVALIDENTITY', 'InvalidEntity', 'INVALID_TYPE', 'API_ERROR'], 'unknown object');
});
await check('bulk 1.0: load and query', async () => {
  conn.bulk.pollInterval = 300; conn.bulk.pollTimeout = TIMEOUT - 5000;
  const r = await conn.bulk.load('Case', 'insert', [{ Subject: `${TAG} v1 a` }, { Subject: 'x'.repeat(256) }]);
  eq(r.map((x) => x.success), [true, false], 'success'); made.unshift(['Case', r[0].id]); ok(/^STRING_TOO_LONG/.test(r[1].errors[0]), `error ${r[1].errors[0]}`);
  const rows = await (await conn.bulk.query(`SELECT Id, Subject FROM Case WHERE Subject = '${TAG} v1 a'`)).toArray(); eq(rows.map((x) => x.Id), [r[0].id], 'rows');
});

// ============================================================ SOAP through jsforce
await check('soap: user info, create, update, delete', async () => {
  const u = await conn.soap.getUserInfo(); eq(u.userId, fx.user.id, 'userId');
  const c = await conn.soap.create({ type: 'Case', Subject: `${TAG} soap` }); eq(c.success, true, 'create');
  const x = await conn.soap.update({ type: 'Case', Id: c.id, Subject: `${TAG} soap2`, Origin: null }); eq(x.success, true, 'update');
  eq((await conn.sobject('Case').retrieve(c.id)).Subject, `${TAG} soap2`, 'Subject');
  const b = await conn.soap.create({ type: 'Case', Subject: 'x'.repeat(256) }); eq([b.success, b.errors[0].statusCode], [false, 'STRING_TOO_LONG'], 'failing create');
  const d = await conn.soap.delete([c.id]); eq(d[0].success, true, 'delete');
});

// ============================================================ the external-routing walk of a public integration
const events = []; let waiters = [];
function push(m) { events.push(m); waiters = waiters.filter((w) => !w()); }
function waitFor(pred, what, ms = 15000) {
  return new Promise((res, rej) => {
    const look = () => { const i = events.findIndex(pred); if (i < 0) return false; clearTimeout(t); res(events.splice(i, 1)[0]); return true; };
    const t = setTimeout(() => { waiters = waiters.filter((w) => w !== look); rej(new Fail(`${what}: no such event within ${ms} ms; seen ${show(events)}`)); }, ms);
    if (!look()) waiters.push(look);
  });
}
await check('fixture: external routing configuration, queue, channel, presence status', async () => {
  fx.rc = await create('QueueRoutingConfig', { DeveloperName: `${TAG}_ext`, MasterLabel: `${TAG} external`, RoutingModel: 'ExternalRouting', RoutingPriority: 1, CapacityWeight: 1 });
  const sc = await q("SELECT Id FROM ServiceChannel WHERE RelatedEntity = 'Case'");
  fx.channel = sc.totalSize ? sc.records[0].Id : await create('ServiceChannel', { DeveloperName: `${TAG}_case`, MasterLabel: `${TAG} case`, RelatedEntity: 'Case' });
  fx.queue = await create('Group', { Type: 'Queue', Name: `${TAG} queue`, DeveloperName: `${TAG}_queue`, QueueRoutingConfigId: fx.rc });
  await create('QueueSobject', { QueueId: fx.queue, SobjectType: 'Case' });
  fx.status = await create('ServicePresenceStatus', { DeveloperName: `${TAG}_online`, MasterLabel: `${TAG} online` });
  await create('ServiceChannelStatus', { ServiceChannelId: fx.channel, ServicePresenceStatusId: fx.status });
});
await check('fixture: agent is online', async () => {
  agent.conn = conn;
  if (env.AGENT_USERNAME) { agent.conn = new jsforce.Connection({ loginUrl: BASE, version: V }); await agent.conn.login(env.AGENT_USERNAME, env.AGENT_PASSWORD); }
  await conn.sobject('GroupMember').create({ GroupId: need('queue'), UserOrGroupId: agent.conn.userInfo.id });
  const r = await agent.online(need('status')); eq([String(r.statusId).slice(0, 15), r.statusApiName], [fx.status.slice(0, 15), `${TAG}_online`], 'answer'); fx.online = true;
  const p = await q(`SELECT Id, IsCurrentState FROM UserServicePresence WHERE UserId = '${agent.conn.userInfo.id}' AND IsCurrentState = true`);
  eq(p.totalSize, 1, 'current presence records');
});
await check('routing: PushTopic of the developer guide', async () => {
  const id = await create('PushTopic', { Name: `${TAG}P`, Query: "Select Id, Serial, QueueId, WorkItemId, IsPushed, ServiceChannelId, LastDeclinedAgentSession, CreatedDate from PendingServiceRouting where RoutingModel = 'ExternalRouting'", ApiVersion: 41.0, NotifyForOperationCreate: true, NotifyForOperationUpdate: true, NotifyForOperationDelete: true, NotifyForFields: 'Referenced' });
  const r = await conn.sobject('PushTopic').retrieve(id); eq([r.IsActive, r.NotifyForFields, r.NotifyForOperationUndelete], [true, 'Referenced', true], 'defaults');
});
await check('routing: subscribe', async () => {
  const s = conn.streaming.topic(`${TAG}P`).subscribe(push);
  await new Promise((res, rej) => s.then(res, rej)); await sleep(300); fx.sub = true;
});
const PSR = (id) => q(`SELECT Id, IsPushed, IsPushAttempted, Serial, LastDeclinedAgentSession, RoutingModel, QueueId, GroupId, OwnerId, ServiceChannelId, WorkItemId FROM PendingServiceRouting WHERE WorkItemId = '${id}'`);
await check('routing: a case owned by the queue raises a created event', async () => {
  need('sub'); fx.work = await create('Case', { Subject: `${TAG} route me`, OwnerId: need('queue') });
  const e = await waitFor((m) => m.event.type === 'created' && m.sobject.WorkItemId === fx.work, 'created');
  eq(Object.keys(e.sobject).sort(), ['CreatedDate', 'Id', 'IsPushed', 'LastDeclinedAgentSession', 'QueueId', 'Serial', 'ServiceChannelId', 'WorkItemId'], 'fields of the event are those of the query');
  eq([e.sobject.IsPushed, e.sobject.QueueId, e.sobject.ServiceChannelId, e.sobject.LastDeclinedAgentSession], [false, fx.queue, fx.channel, null], 'IsPushed, QueueId, ServiceChannelId, LastDeclinedAgentSession');
  ok(/^0JR/.test(e.sobject.Id), 'key prefix'); ok(Number.isInteger(e.event.replayId), 'replayId'); ok(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(e.event.createdDate), `createdDate ${e.event.createdDate}`);
  fx.psr = e.sobject.Id; fx.firstReplay = e.event.replayId;
  const r = (await PSR(fx.work)).records; eq(r.length, 1, 'rows'); eq([r[0].Id, r[0].RoutingModel, r[0].OwnerId], [fx.psr, 'ExternalRouting', fx.queue], 'PendingServiceRouting');
});
await check('routing: presence and AgentWork.Status cannot be written as records', async () => {
  const d = await conn.sobject('UserServicePresence').describe(); eq(d.createable, false, 'UserServicePresence.createable');
  const r = await raw('POST', `${DATA}/sobjects/UserServicePresence`, { body: { UserId: conn.userInfo.id, ServicePresenceStatusId: need('status') } }); ok(r.status === 400 || r.status === 405, `create: status ${r.status} ${r.text.slice(0, 150)}`);
  const f = (await conn.sobject('AgentWork').describe()).fields.find((x) => x.name === 'Status'); eq([f.createable, f.updateable], [false, false], 'AgentWork.Status');
});
const assign = async () => { const id = await create('AgentWork', { ServiceChannelId: fx.channel, WorkItemId: fx.work, UserId: agent.conn.userInfo.id, PendingServiceRoutingId: fx.psr }); return id; };
await check('routing: AgentWork is created as Assigned and marks the request as pushed', async () => {
  need('psr'); fx.aw = await assign();
  const a = await conn.sobject('AgentWork').retrieve(fx.aw); eq([a.Status, a.UserId, a.WorkItemId, a.PendingServiceRoutingId], ['Assigned', agent.conn.userInfo.id, fx.work, fx.psr], 'AgentWork'); ok(a.AssignedDateTime, 'AssignedDateTime is missing');
  const e = await waitFor((m) => m.event.type === 'updated' && m.sobject.Id === fx.psr && m.sobject.IsPushed === true, 'updated with IsPushed'); ok(e.sobject.Serial > 0, 'Serial');
});
await check('routing: decline puts the request back', async () => {
  need('aw'); const w = await agent.works(); ok(w.some((x) => fx.aw.startsWith(x.workId.slice(0, 15)) && fx.work.startsWith(x.workItemId.slice(0, 15)) && x.isEngaged === false), `works ${show(w)}`);
  const no = await raw('PATCH', `${DATA}/sobjects/AgentWork/${fx.aw}`, { body: { Status: 'Opened' } }); eq([no.status, no.json?.[0]?.errorCode], [400, 'INVALID_FIELD_FOR_INSERT_UPDATE'], 'PATCH of Status');
  await agent.decline(fx.aw);
  const e = await waitFor((m) => m.event.type === 'updated' && m.sobject.Id === fx.psr && m.sobject.IsPushed === false && m.sobject.LastDeclinedAgentSession !== null, 'updated after decline');
  ok(typeof e.sobject.LastDeclinedAgentSession === 'string' && e.sobject.LastDeclinedAgentSession.length > 0, 'LastDeclinedAgentSession');
  const a = await conn.sobject('AgentWork').retrieve(fx.aw); eq(a.Status, 'Declined', 'Status'); ok(a.DeclineDateTime, 'DeclineDateTime is missing');
  eq((await conn.sobject('Case').retrieve(fx.work)).OwnerId, fx.queue, 'the queue still owns the case');
});
await check('routing: second assignment is accepted and the request is deleted', async () => {
  need('psr'); fx.aw2 = await assign(); await agent.accept(fx.aw2);
  const e = await waitFor((m) => m.event.type === 'deleted' && m.sobject.Id === fx.psr, 'deleted'); eq(Object.keys(e.sobject), ['Id'], 'a deleted event carries the Id only');
  const a = await conn.sobject('AgentWork').retrieve(fx.aw2); eq(a.Status, 'Opened', 'Status'); ok(a.AcceptDateTime, 'AcceptDateTime is missing');
  eq((await PSR(fx.work)).totalSize, 0, 'PendingServiceRouting rows'); eq((await conn.sobject('Case').retrieve(fx.work)).OwnerId, agent.conn.userInfo.id, 'the agent owns the case');
});
await check('routing: the agent closes the work', async () => {
  need('aw2'); await agent.close(fx.aw2); const a = await conn.sobject('AgentWork').retrieve(fx.aw2); eq(a.Status, 'Closed', 'Status'); ok(a.CloseDateTime, 'CloseDateTime is missing');
});
await check('routing: an adaptor that restarts replays what it missed', async () => {
  need('firstReplay'); const seen = [];
  const c = conn.streaming.createClient([new StreamingExtension.Replay(`/topic/${TAG}P`, fx.firstReplay)]);
  const s = c.subscribe(`/topic/${TAG}P`, (m) => seen.push(m)); await new Promise((res, rej) => s.then(res, rej));
  for (let i = 0; i < 60 && !seen.some((m) => m.event.type === 'deleted'); i += 1) await sleep(200);
  const ids = seen.map((m) => m.event.replayId); ok(ids.length >= 4, `replayed ${ids.length} events`); ok(ids.every((x) => x > fx.firstReplay), 'only later events'); eq(ids, [...ids].sort((a, b) => a - b), 'in order');
  await c.disconnect();
});
if (env.SLOW) {
  await check('routing: push time-out puts the request back', async () => {
    await conn.sobject('QueueRoutingConfig').update({ Id: need('rc'), PushTimeout: 10 });
    fx.work = await create('Case', { Subject: `${TAG} time me out`, OwnerId: need('queue') });
    fx.psr = (await waitFor((m) => m.event.type === 'created' && m.sobject.WorkItemId === fx.work, 'created')).sobject.Id;
    const aw = await assign();
    await waitFor((m) => m.event.type === 'updated' && m.sobject.Id === fx.psr && m.sobject.IsPushed === false && m.sobject.LastDeclinedAgentSession, 'updated after the time-out', 25000);
    eq((await conn.sobject('AgentWork').retrieve(aw)).Status, 'DeclinedOnPushTimeout', 'Status');
  });
}

// ============================================================ remove what was made (best effort, not counted)
if (fx.online) { try { await agent.offline(); } catch { /* best effort */ } }
for (const [type, id] of made) { try { await conn.sobject(type).destroy(id); } catch { /* already gone */ } }
console.warn = warn;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
