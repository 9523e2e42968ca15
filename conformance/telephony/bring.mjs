// Brings work for the browser test: opens a queue, prints the status to choose, then brings a case and, once that is
// closed, a call (an agent with open work gets no call, R63). Ends when both are accepted.
//
// Environment: BASE_URL, USERNAME, PASSWORD of an administrator, who is also the agent. Ends after 3 minutes at most.
import { Admin, Provider, mapUser, openCenter, openQueue } from './client.mjs';

const { BASE_URL, USERNAME, PASSWORD } = process.env;
const END = Date.now() + 3 * 60 * 1000;
const TAG = `cb${Date.now().toString(36)}`;
const admin = new Admin(BASE_URL, '64.0');

async function until(what, look) {
  while (!(await look())) {
    if (Date.now() > END) throw new Error(`${what}: not within 3 minutes`);
    await new Promise((done) => setTimeout(done, 200));
  }
}
const works = (id, status) => admin.query(`SELECT Id FROM AgentWork WHERE WorkItemId = '${id}' AND Status = '${status}'`);

await admin.logIn(USERNAME, PASSWORD);
const center = await openCenter(admin, TAG);
await mapUser(admin, TAG, center.id);
const { queue } = await openQueue(admin, TAG, ['Case', 'VoiceCall'], { CapacityPercentage: 100 });
console.log(`${TAG} online`);

const kase = await admin.create('Case', { Subject: 'The printer on floor 3 is on fire', Priority: 'High', OwnerId: queue });
await until('the case is accepted and closed', async () => (await works(kase, 'Closed')).length > 0);
const provider = new Provider(BASE_URL, center.identity);
const call = await provider.ring();
await provider.call('POST', `/voiceCalls/${call.key}/routeVoiceCall`, { routingTarget: queue });
await until('the call is accepted', async () => (await works(call.id, 'Opened')).length > 0);
