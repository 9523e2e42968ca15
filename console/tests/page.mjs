// What every test against the fake server needs: a browser, a fresh server, a page.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { launch } from '../dev/browser.mjs';
import { startFakeServer } from '../dev/fake-server.mjs';

/** Longer than anything healthy takes; a test that hangs ends here. */
const patienceMs = 10_000;

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/**
 * Runs `steps` with a fresh server and page, and fails on any script error or refused resource
 * (the server sends the strict content security policy).
 */
export async function withPage(steps, { page: pageOptions = {}, ...serverOptions } = {}) {
  const server = await startFakeServer(serverOptions);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...pageOptions });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (line) => {
    if (/Content Security Policy|Refused to/.test(line.text())) complaints.push(line.text());
  });
  try {
    await page.goto(server.url);
    await steps(page, server);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
    await server.close();
  }
}
