// Conformance run: a telephony provider that signs its own tokens (client.mjs) against a Trunkline server.
//
// Environment: BASE_URL, USERNAME, PASSWORD of an administrator, who also plays the agent; API_VERSION (default
// 64.0). Every check prints "ok NAME" or "not ok NAME: why"; the last line is "N passed, N failed"; exit 1 on failure.
import { Admin, Provider, call, mapUser, newKey, openCenter, openQueue, token } from './client.mjs';

const env = process.env;
for (const k of ['BASE_URL', 'USERNAME', 'PASSWORD']) {
  if (!env[k]) { console.error(`set ${k}`); process.exit(2); }
}
const BASE = env.BASE_URL.replace(/\/+$/, '');
const TAG = `ct${Date.now().toString(36)}`;
const SOON_MS = 5000;
const QUIET_MS = 1000;
const CHECK_MS = 30000;

let passed = 0;
let failed = 0;
const fx = {};
const admin = new Admin(BASE, env.API_VERSION || '64.0');

const show = (v) => (JSON.stringify(v) ?? 'undefined').slice(0, 300);
function ok(condition, why) { if (!condition) throw new Error(why); }
function eq(got, want, what) { ok(show(got) === show(want), `${what}: got ${show(got)}, want ${show(want)}`); }
function need(name) { ok(fx[name] !== undefined, `needs the fixture ${name}, which an earlier check did not make`); return fx[name]; }
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function check(name, run) {
  let timer;
  const limit = new Promise((_, refuse) => { timer = setTimeout(() => refuse(new Error(`no answer within ${CHECK_MS} ms`)), CHECK_MS); });
  try {
    await Promise.race([run(), limit]);
    passed += 1;
    console.log(`ok ${name}`);
  } catch (e) {
    failed += 1;
    console.log(`not ok ${name}: ${e.message.replace(/\s+/g, ' ').slice(0, 400)}`);
  } finally { clearTimeout(timer); }
}

async function soon(look, what) {
  const end = Date.now() + SOON_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    ok(Date.now() < end, `${what}: not within ${SOON_MS} ms`);
    await sleep(50);
  }
}

const offerOf = async (id) => (await admin.omni('GET', '/works')).find((w) => w.workItemId.slice(0, 15) === id.slice(0, 15) && !w.isEngaged);
const requestOf = async (id) => (await admin.query(`SELECT Id, IsPushed, QueueId, PreferredUserId FROM PendingServiceRouting WHERE WorkItemId = '${id}'`))[0];
const provider = () => new Provider(BASE, need('center').identity);

/** The agent takes the offer of this call and ends the work. */
async function takeAndClose(id) {
  const offer = await soon(() => offerOf(id), 'an offer of the call');
  await admin.omni('POST', `/works/${offer.workId}/accept`, {});
  eq((await admin.get('AgentWork', offer.workId)).Status, 'Opened', 'AgentWork.Status');
  await admin.omni('POST', `/works/${offer.workId}/close`, {});
}

await check('login', () => admin.logIn(env.USERNAME, env.PASSWORD));
await check('fixture: a contact center with its certificate', async () => { fx.center = await openCenter(admin, TAG); });
await check('fixture: a queue for calls and an agent online', async () => {
  fx.queue = await openQueue(admin, TAG, ['VoiceCall'], { CapacityPercentage: 100 });
  await admin.omni('PUT', '/presence', { statusId: fx.queue.status });
  fx.online = true;
});
await check('a call is created', async () => {
  const made = await provider().ring({ callAttributes: '{"Description":"about a printer"}' });
  ok(/^0LQ\w{15}$/.test(made.id), `voiceCallId ${made.id}`);
  eq(made.answer.body.errors, [], 'errors');
  const row = await admin.get('VoiceCall', made.id);
  eq([row.VendorCallKey, row.CallType, row.FromPhoneNumber, row.CallCenterId, row.Description], [made.key, 'Inbound', '+15550001', need('center').id, 'about a printer'], 'VoiceCall');
  fx.call = made;
});
await check('tokens: each fault is 401', async () => { // TEL4
  const { identity } = need('center');
  const body = { callCenterApiName: TAG };
  const now = Math.floor(Date.now() / 1000);
  const faults = {
    'no token': null,
    'not a token': 'nonsense',
    'an administrator\'s session': admin.token,
    'a foreign key': token({ ...identity, privateKey: newKey().privateKey }),
    'no algorithm': token(identity, {}, { alg: 'none' }),
    'a foreign org': token(identity, { iss: '00D000000000zzz' }),
    'an unknown center': token(identity, { sub: `${TAG}x` }),
    expired: token(identity, { iat: now - 900, exp: now - 600 }),
    'no end': token(identity, { exp: undefined }),
    'a life of two days': token(identity, { exp: now + 2 * 86400 }),
    'from the future': token(identity, { iat: now + 600, exp: now + 900 }),
    'a foreign audience': token(identity, { aud: 'https://example.test' }),
  };
  for (const [what, bearer] of Object.entries(faults)) eq((await call(BASE, 'POST', '/telephony/v1/voiceCalls', bearer, body)).status, 401, what);
});
await check('tokens: an id is used once, a repeated request is not refused', async () => { // TEL4
  const first = token(need('center').identity, { jti: `${TAG}-once` });
  for (const what of ['first use', 'the same token again']) eq((await provider().call('PATCH', `/voiceCalls/${need('call').key}`, { isActiveCall: true }, first)).status, 200, what);
  const second = token(fx.center.identity, { jti: `${TAG}-once`, iat: Math.floor(Date.now() / 1000) - 5 });
  eq((await provider().call('PATCH', `/voiceCalls/${fx.call.key}`, { isActiveCall: true }, second)).status, 401, 'another token with the same jti');
});
await check('a telephony token opens nothing else', async () => {
  const bearer = token(need('center').identity);
  eq((await call(BASE, 'GET', `${admin.data}/sobjects`, bearer)).status, 401, 'REST');
  eq((await call(BASE, 'GET', '/services/omni/v1/works', bearer)).status, 401, 'agent interface');
});
await check('bad bodies are refused and create nothing', async () => {
  const count = async () => (await admin.query('SELECT Id FROM VoiceCall')).length;
  const before = await count();
  const good = { callCenterApiName: TAG, vendorCallKey: `${TAG}-bad`, to: '+1', from: '+2', initiationMethod: 'Inbound', startTime: new Date().toISOString(), participants: [{ participantKey: '+2', type: 'END_USER' }] };
  for (const [what, body] of Object.entries({ empty: {}, 'no key': { ...good, vendorCallKey: undefined }, 'a wrong type': { ...good, participants: 'nobody' }, 'another center': { ...good, callCenterApiName: `${TAG}x` } })) {
    const answer = await provider().call('POST', '/voiceCalls', body);
    ok(answer.status === 400, `${what}: ${answer.status} ${show(answer.body)}`);
  }
  eq(await count(), before, 'VoiceCall rows');
  eq((await provider().call('PATCH', '/voiceCalls/no-such-call/clearRouting', null)).status, 404, 'unknown call');
});
await check('nobody mapped: the call waits', async () => { // R62, R194
  eq((await provider().call('POST', `/voiceCalls/${need('call').key}/routeVoiceCall`, { routingTarget: need('queue').queue })).body, { status: 'Success' }, 'answer');
  const request = await soon(() => requestOf(fx.call.id), 'a routing request');
  await sleep(QUIET_MS);
  eq([request.QueueId, (await requestOf(fx.call.id)).IsPushed, await offerOf(fx.call.id)], [fx.queue.queue, false, undefined], 'request');
});
await check('mapped: the waiting call is offered, accepted and closed', async () => { // R62, R111, R118
  fx.map = await mapUser(admin, TAG, need('center').id);
  await takeAndClose(need('call').id);
});
await check('routed to an agent: PATCH voiceCalls/route/ID', async () => { // R23 to R25
  const made = await provider().ring();
  eq((await provider().call('PATCH', `/voiceCalls/route/${made.key}`, { routingTarget: admin.userId, fallbackQueue: need('queue').queue })).body, { status: 'Success' }, 'answer');
  await takeAndClose(made.id);
});
await check('routed to a queue: PATCH voiceCalls/ID/routeVoiceCall, by record id', async () => {
  const made = await provider().ring();
  eq((await provider().call('PATCH', `/voiceCalls/${made.id}/routeVoiceCall`, { routingTarget: need('queue').queue })).body, { status: 'Success' }, 'answer');
  await takeAndClose(made.id);
});
await check('hang-up withdraws the offer', async () => { // R112, R198, TEL15
  const made = await provider().ring();
  await provider().call('POST', `/voiceCalls/${made.key}/routeVoiceCall`, { routingTarget: need('queue').queue });
  const offer = await soon(() => offerOf(made.id), 'an offer of the call');
  eq((await provider().hangUp(made.key)).body, { status: 'pending' }, 'answer');
  await soon(async () => !(await requestOf(made.id)), 'the request is gone');
  eq([(await admin.get('AgentWork', offer.workId)).Status, await offerOf(made.id)], ['Canceled', undefined], 'AgentWork');
});
await check('clearRouting withdraws the request, also when there is none', async () => { // TEL22
  const made = await provider().ring();
  await provider().call('POST', `/voiceCalls/${made.key}/routeVoiceCall`, { routingTarget: need('queue').queue });
  await soon(() => requestOf(made.id), 'a routing request');
  for (const what of ['with a request', 'without']) eq((await provider().call('PATCH', `/voiceCalls/${made.key}/clearRouting`, null)).body, { status: 'Success' }, what);
  eq(await requestOf(made.id), undefined, 'request');
});

if (fx.online) { try { await admin.omni('DELETE', '/presence'); } catch { /* best effort */ } }
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
