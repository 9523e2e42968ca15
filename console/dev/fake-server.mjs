// A small server that speaks the console's contract from memory: for developing and testing the
// console, never for a product. It serves `dist` under the strict content security policy that
// the real server sends, keeps one agent's session, and does to it what its caller scripts.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { Agent, Refusal } from './fake-agent.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.md': 'text/plain; charset=utf-8',
};

export const USER = 'mira.falk@harborline.example';
export const PASSWORD = 'harbor-2026';

/** Starts the server; `port` 0 takes any free one. */
export async function startFakeServer({ port = 0, agent = new Agent(), skewMs = 0 } = {}) {
  const state = { agent, token: null, tokens: 0, refuseSockets: false, loseReply: false, replies: new Map() };
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: () => 'trunkline.omni.v1',
  });
  const now = () => Date.now() + skewMs;
  agent.now = now;
  agent.tell = (message) => {
    const text = JSON.stringify({ seq: ++agent.seq, now: now(), ...message });
    for (const socket of sockets.clients) socket.send(text);
  };

  const server = createServer((request, response) => {
    route(request, state).then(
      (answer) => {
        if (!state.loseReply || request.method === 'GET') return send(response, answer);
        state.loseReply = false;
        response.destroy();
      },
      (error) => send(response, refusalOf(error)),
    );
  });
  server.on('upgrade', (request, socket, head) => {
    const offered = String(request.headers['sec-websocket-protocol'] ?? '');
    const isKnown = state.token && offered.includes(`bearer.${state.token}`);
    if (!isKnown || state.refuseSockets) return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.send(JSON.stringify({ type: 'snapshot', seq: agent.seq, now: now(), ...agent.board() }));
    });
  });
  await new Promise((ready) => server.listen(port, '127.0.0.1', ready));

  const dropSockets = () => {
    for (const socket of sockets.clients) socket.terminate();
  };
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    agent,
    dropSockets,
    /** While true, no WebSocket is accepted: the network is "down" for the stream. */
    refuseSockets: (refuse) => {
      state.refuseSockets = refuse;
      if (refuse) dropSockets();
    },
    /** The next command is applied, but its answer never arrives. */
    loseNextReply: () => {
      state.loseReply = true;
    },
    /** Forgets the session, as a server does after its time. */
    expireSession: () => {
      state.token = null;
      dropSockets();
    },
    close: () => {
      dropSockets();
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

async function route(request, state) {
  const url = new URL(request.url, 'http://local');
  const path = url.pathname;
  if (path === '/services/oauth2/token') return token(await body(request), state);
  if (path === '/services/oauth2/revoke') return { status: 200 };
  if (!path.startsWith('/services/')) return file(path);
  if (!state.token || request.headers.authorization !== `Bearer ${state.token}`) {
    throw new Refusal(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
  }
  if (path === '/services/oauth2/userinfo') return ok({ name: 'Mira Falk' });
  if (path.startsWith('/services/data/')) return record(path, state.agent);
  return once(request, state, async () => agentCall(request, path, state.agent));
}

/** A repeated command id gets the stored reply. */
async function once(request, state, run) {
  const id = request.headers['x-trunkline-command-id'];
  if (request.method !== 'GET' && !id) throw new Refusal(400, 'INVALID_ARGUMENT', 'no command id');
  if (id && state.replies.has(id)) return state.replies.get(id);
  const reply = await run();
  if (id) state.replies.set(id, reply);
  return reply;
}

async function agentCall(request, path, agent) {
  const [first, workId, verb] = path.replace('/services/omni/v1/', '').split('/');
  const call = `${request.method} ${workId ? `works/ID/${verb}` : first}`;
  switch (call) {
    case 'GET statuses':
      return ok(agent.statuses);
    case 'GET configuration':
      return ok(agent.configuration);
    case 'GET presence':
      return ok(agent.presence);
    case 'GET works':
      return ok(agent.works);
    case 'GET capacity':
      return ok(agent.capacity());
    case 'PUT presence':
      return ok(agent.setStatus(JSON.parse(await body(request)).statusId));
    case 'DELETE presence':
      agent.logOut();
      return { status: 204 };
    case 'POST works/ID/accept':
      agent.accept(workId);
      return ok({});
    case 'POST works/ID/decline':
      agent.decline(workId, JSON.parse(await body(request)).declineReason);
      return ok({});
    case 'POST works/ID/close':
      agent.close(workId);
      return ok({});
    default:
      throw new Refusal(404, 'NOT_FOUND', 'The requested resource does not exist');
  }
}

function token(form, state) {
  const fields = new URLSearchParams(form);
  const isRight = fields.get('username') === USER && fields.get('password') === PASSWORD;
  if (fields.get('grant_type') !== 'password' || !isRight) {
    return ok({ error: 'invalid_grant', error_description: 'authentication failure' }, 400);
  }
  state.token = `fake-token-${++state.tokens}`;
  return ok({
    access_token: state.token,
    token_type: 'Bearer',
    instance_url: 'http://local',
    id: 'http://local/id/00D000000000001AAA/005000000000001AAA',
  });
}

function record(path, agent) {
  const id = path.split('/').pop();
  const found = agent.records.get(id);
  if (!found) throw new Refusal(404, 'NOT_FOUND', 'Provided external ID field does not exist');
  return ok(found);
}

async function file(path) {
  const name = path === '/' ? 'index.html' : normalize(path).replace(/^\/+/, '');
  const content = await readFile(join(dist, name)).catch(() => null);
  if (!content) return { status: 404, type: types['.md'], content: 'not found' };
  return { status: 200, type: types[extname(name)] ?? 'application/octet-stream', content };
}

const ok = (value, status = 200) => ({
  status,
  type: 'application/json',
  content: JSON.stringify(value),
});

function refusalOf(error) {
  if (!(error instanceof Refusal)) return ok([{ message: String(error), errorCode: 'INTERNAL' }], 500);
  return ok([{ message: error.message, errorCode: error.code }], error.status);
}

function send(response, { status, type, content }) {
  response.writeHead(status, {
    'Content-Security-Policy': "default-src 'self'",
    'Cache-Control': 'no-store',
    ...(type ? { 'Content-Type': type } : {}),
  });
  response.end(content);
}

async function body(request) {
  let text = '';
  for await (const part of request) text += part;
  return text;
}
