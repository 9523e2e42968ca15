// Conformance run: the day of one agent, an unmodified jsforce, and polling instead of streaming.
//
// run.mjs reaches accept, decline and close only through streaming and external routing, and paging only
// through collections. This script covers the same ground with what every client has: single records,
// queries, and the agent interface. Rule numbers are those of docs/routing.md.
//
// Environment: BASE_URL, USERNAME, PASSWORD (required), API_VERSION (default 64.0), AGENT_API
// (default /services/omni/v1). Every check prints "ok NAME" or "not ok NAME: why"; the last line is
// "N passed, N failed"; exit 1 on failure.
import jsforce from 'jsforce';

const env = process.env;
for (const k of ['BASE_URL', 'USERNAME', 'PASSWORD']) {
  if (!env[k]) { console.error(`set ${k}`); process.exit(2); }
}
const BASE = env.BASE_URL.replace(/\/+$/, '');
const VERSION = env.API_VERSION || '64.0';
const AGENT_API = env.AGENT_API || '/services/omni/v1';
const TAG = `cw${Date.now().toString(36)}`;
const CHECK_MS = 30000;
const SOON_MS = 5000;
const QUIET_MS = 1000;

let passed = 0;
let failed = 0;
const fx = {};
const made = [];
const conn = new jsforce.Connection({ loginUrl: BASE, version: VERSION });

class Fail extends Error {}
const show = (v) => (JSON.stringify(v) ?? 'undefined').slice(0, 300);
function ok(condition, why) { if (!condition) throw new Fail(why); }
function eq(got, want, what) { ok(show(got) === show(want), `${what}: got ${show(got)}, want ${show(want)}`); }
function need(name) { ok(fx[name] !== undefined, `needs the fixture ${name}, which an earlier check did not make`); return fx[name]; }
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function check(name, run) {
  let timer;
  const limit = new Promise((_, refuse) => { timer = setTimeout(() => refuse(new Fail(`no answer within ${CHECK_MS} ms`)), CHECK_MS); });
  try {
    await Promise.race([run(), limit]);
    passed += 1;
    console.log(`ok ${name}`);
  } catch (e) {
    failed += 1;
    const why = e instanceof Fail ? e.message : `${e.errorCode || e.name}: ${e.message}`;
    console.log(`not ok ${name}: ${String(why).replace(/\s+/g, ' ').slice(0, 400)}`);
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

async function create(type, record) {
  const answer = await conn.sobject(type).create(record);
  ok(answer.success, `create ${type}: ${show(answer)}`);
  made.unshift([type, answer.id]);
  return answer.id;
}

const omni = (method, path, body) => conn.request({
  method, url: `${BASE}${AGENT_API}${path}`, headers: { 'content-type': 'application/json' },
  ...(body ? { body: JSON.stringify(body) } : {}),
});
const works = () => omni('GET', '/works');
const same = (a, b) => a.slice(0, 15) === b.slice(0, 15);
const offerOf = async (item) => (await works()).find((w) => same(w.workItemId, item) && !w.isEngaged);
const request = async (item) => (await conn.query(`SELECT Id, IsPushed, Serial, QueueId, LastDeclinedAgentSession FROM PendingServiceRouting WHERE WorkItemId = '${item}'`)).records[0];
const work = (id) => conn.sobject('AgentWork').retrieve(id);
const ownerOf = async (item) => (await conn.sobject('Case').retrieve(item)).OwnerId;
const presence = async () => (await conn.query(`SELECT Id, IsCurrentState, StatusStartDate, StatusEndDate, StatusDuration, ServicePresenceStatusId FROM UserServicePresence WHERE UserId = '${need('me')}' ORDER BY StatusStartDate DESC`)).records;
async function refusal(promise, code, what) {
  try { await promise; } catch (e) { eq(e.errorCode, code, what); return; }
  throw new Fail(`${what}: was not refused`);
}

await check('login', async () => {
  fx.me = (await conn.login(env.USERNAME, env.PASSWORD)).id;
});
await check('fixture: a queue with Most Available routing, its channel, a status, a member', async () => {
  const config = await create('QueueRoutingConfig', { DeveloperName: `${TAG}_config`, MasterLabel: `${TAG} config`, RoutingModel: 'MostAvailable', RoutingPriority: 1, CapacityWeight: 1 });
  const channels = await conn.query("SELECT Id FROM ServiceChannel WHERE RelatedEntity = 'Case'");
  fx.channel = channels.totalSize ? channels.records[0].Id : await create('ServiceChannel', { DeveloperName: `${TAG}_case`, MasterLabel: `${TAG} case`, RelatedEntity: 'Case' });
  fx.queue = await create('Group', { Type: 'Queue', Name: `${TAG} queue`, DeveloperName: `${TAG}_queue`, QueueRoutingConfigId: config });
  await create('QueueSobject', { QueueId: fx.queue, SobjectType: 'Case' });
  await create('GroupMember', { GroupId: fx.queue, UserOrGroupId: need('me') });
  fx.status = await create('ServicePresenceStatus', { DeveloperName: `${TAG}_online`, MasterLabel: `${TAG} online` });
  await create('ServiceChannelStatus', { ServiceChannelId: fx.channel, ServicePresenceStatusId: fx.status });
});
await check('nobody online: a case of the queue waits', async () => { // R1, R3
  fx.first = await create('Case', { Subject: `${TAG} first`, OwnerId: need('queue') });
  const r = await soon(() => request(fx.first), 'PendingServiceRouting');
  eq([r.IsPushed, r.QueueId, r.LastDeclinedAgentSession], [false, fx.queue, null], 'request');
});
await check('log in: the waiting case is offered', async () => { // R31, R110, R143
  const answer = await omni('PUT', '/presence', { statusId: need('status') });
  ok(same(answer.statusId, fx.status), `statusId ${show(answer)}`);
  fx.online = true;
  const offer = await soon(() => offerOf(need('first')), 'an offer');
  fx.work = offer.workId;
  const [a, r] = [await work(fx.work), await request(fx.first)];
  eq([a.Status, a.UserId, a.PendingServiceRoutingId, r.IsPushed], ['Assigned', fx.me, r.Id, true], 'AgentWork and request');
  eq(await ownerOf(fx.first), fx.me, 'the agent owns an offered case');
  const [current] = await presence();
  eq([current.IsCurrentState, current.StatusEndDate, current.ServicePresenceStatusId], [true, null, fx.status], 'UserServicePresence');
});
await check('an offer takes its weight of the capacity', async () => { // R97
  need('work');
  eq((await omni('GET', '/capacity')).currentWorkload, 1, 'currentWorkload');
});
await check('decline: back to the queue with its age, never twice to the same session', async () => { // R66, R70, R113, R116
  await omni('POST', `/works/${need('work')}/decline`, {});
  const [a, r] = [await work(fx.work), await request(fx.first)];
  ok(a.DeclineDateTime, 'DeclineDateTime is missing');
  eq([a.Status, r.IsPushed, await ownerOf(fx.first)], ['Declined', false, fx.queue], 'after the decline');
  ok(typeof r.LastDeclinedAgentSession === 'string' && r.LastDeclinedAgentSession.length > 0, 'LastDeclinedAgentSession is missing');
  await sleep(QUIET_MS);
  ok(!(await offerOf(fx.first)), 'the decliner got the case again');
  eq((await omni('GET', '/capacity')).currentWorkload, 0, 'currentWorkload');
});
await check('the next case is offered while the declined one waits', async () => { // R70
  fx.second = await create('Case', { Subject: `${TAG} second`, OwnerId: need('queue') });
  fx.work2 = (await soon(() => offerOf(fx.second), 'an offer')).workId;
});
await check('accept: the case is the agent\'s and the request is gone', async () => { // R111
  await omni('POST', `/works/${need('work2')}/accept`, {});
  const a = await work(fx.work2);
  eq([a.Status, await request(fx.second), await ownerOf(fx.second)], ['Opened', undefined, fx.me], 'after the accept');
  ok(a.AcceptDateTime && Number.isInteger(a.SpeedToAnswer), `AcceptDateTime ${a.AcceptDateTime}, SpeedToAnswer ${a.SpeedToAnswer}`);
  ok((await works()).some((w) => same(w.workId, fx.work2) && w.isEngaged), 'works does not show it as engaged');
});
await check('refusals name the reason', async () => { // R134
  await refusal(omni('POST', `/works/${need('work2')}/accept`, {}), 'WORK_NOT_ASSIGNED', 'accept of opened work');
  await refusal(omni('POST', `/works/${need('work')}/close`, {}), 'WORK_NOT_OPEN', 'close of declined work');
  await refusal(conn.sobject('AgentWork').update({ Id: fx.work2, Status: 'Closed' }), 'INVALID_FIELD_FOR_INSERT_UPDATE', 'Status is written');
});
await check('close: the capacity is free again', async () => { // R118
  await omni('POST', `/works/${need('work2')}/close`, {});
  const a = await work(fx.work2);
  ok(a.CloseDateTime && Number.isInteger(a.HandleTime), `CloseDateTime ${a.CloseDateTime}, HandleTime ${a.HandleTime}`);
  eq([a.Status, (await omni('GET', '/capacity')).currentWorkload], ['Closed', 0], 'after the close');
});
await check('log out with an offer open: the work is Unavailable and the case waits', async () => { // R115, R145
  fx.third = await create('Case', { Subject: `${TAG} third`, OwnerId: need('queue') });
  const offer = await soon(() => offerOf(fx.third), 'an offer');
  await omni('DELETE', '/presence');
  fx.online = false;
  const r = await soon(async () => { const now = await request(fx.third); return now && !now.IsPushed && now; }, 'the request is no longer pushed');
  eq([(await work(offer.workId)).Status, r.LastDeclinedAgentSession, await ownerOf(fx.third)], ['Unavailable', null, fx.queue], 'after the log-out');
  const [last] = await presence();
  eq(last.IsCurrentState, false, 'IsCurrentState');
  ok(last.StatusEndDate, 'StatusEndDate is missing');
});
await check('a new session gets the declined case too, oldest first', async () => { // R29, R71
  await omni('PUT', '/presence', { statusId: need('status') });
  fx.online = true;
  for (const item of [need('first'), need('third')]) fx.last = (await soon(() => offerOf(item), 'an offer')).workId;
  const rows = (await conn.query(`SELECT WorkItemId FROM AgentWork WHERE Status = 'Assigned' AND UserId = '${fx.me}' ORDER BY Id`)).records;
  eq(rows.map((row) => row.WorkItemId), [fx.first, fx.third], 'order of the offers');
});
await check('the case is deleted: its offer is canceled and stays', async () => { // R108, R112
  const offer = await soon(() => offerOf(need('third')), 'an offer');
  await conn.sobject('Case').destroy(fx.third);
  ok(!(await offerOf(fx.third)), 'the offer is still shown');
  const rows = (await conn.query(`SELECT Status, CancelDateTime, IsDeleted FROM AgentWork WHERE Id = '${offer.workId}'`, { scanAll: true })).records;
  eq(rows.map((row) => [row.Status, row.IsDeleted]), [['Canceled', false]], 'AgentWork');
  ok(rows[0].CancelDateTime, 'CancelDateTime is missing');
  eq(await request(fx.third), undefined, 'request');
});
await check('paging: nextRecordsUrl walks all rows in order', async () => {
  const ids = [];
  for (let i = 0; i < 205; i += 1) ids.push(create('Case', { Subject: `${TAG} page ${String(i).padStart(3, '0')}` }));
  const wanted = await Promise.all(ids);
  const options = { headers: { 'Sforce-Query-Options': 'batchSize=200' } };
  const one = await conn.query(`SELECT Id FROM Case WHERE Subject LIKE '${TAG} page %' ORDER BY Subject`, options);
  eq([one.totalSize, one.done, one.records.length], [205, false, 200], 'first page');
  const two = await conn.queryMore(one.nextRecordsUrl);
  eq([two.totalSize, two.done, two.records.length], [205, true, 5], 'second page');
  ok([...one.records, ...two.records].every((row, i) => row.Id === wanted[i]), 'ids are not in order');
});

// ---- remove what was made (best effort, not counted)
if (fx.online) { try { await omni('DELETE', '/presence'); } catch { /* best effort */ } }
for (const [type, id] of made) { try { await conn.sobject(type).destroy(id); } catch { /* already gone */ } }
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
