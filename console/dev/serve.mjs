// `npm run dev`: the console from source (Vite, with reload) against a fake server that brings
// work every few seconds. Set BASE_URL to work against a running Trunkline instead.
import { createServer } from 'vite';
import { PASSWORD, USER, startFakeServer } from './fake-server.mjs';

if (!process.env.BASE_URL) {
  const server = await startFakeServer();
  process.env.BASE_URL = server.url;
  console.log(`Fake server on ${server.url}: log in as ${USER} with ${PASSWORD}`);
  setInterval(() => bringWork(server.agent), 12_000);
}

const vite = await createServer({ configFile: new URL('../vite.config.mjs', import.meta.url).pathname });
await vite.listen();
vite.printUrls();

let turn = 0;
function bringWork(agent) {
  for (const work of agent.works.filter((one) => !one.isEngaged)) {
    if (Date.now() > work.assignedAt + work.pushTimeout * 1000) {
      agent.withdraw(work.workId, 'workTimedOut');
    }
  }
  const { configuredCapacity, currentWorkload } = agent.capacity();
  const isOnline = agent.presence.channels.length > 0;
  if (!isOnline || currentWorkload + 5 > configuredCapacity) return;
  if (++turn % 3 === 0) agent.offerCall();
  else agent.offerCase({ Subject: `Container ${4711 + turn} held at customs`, Priority: 'High' });
}
