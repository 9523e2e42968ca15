// The console against a running Trunkline: a routed case and a routed call are accepted.
//
// Takes BASE_URL, USERNAME and PASSWORD of an agent, and STATUS, the name of an online status.
// Whoever starts this brings the work: one Case that is routed to this agent and, once that is closed, one
// VoiceCall (conformance/telephony/bring.mjs does).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch } from '../dev/browser.mjs';
import { chooseStatus, logIn } from './steps.mjs';

const { BASE_URL, USERNAME, PASSWORD, STATUS } = process.env;
/** Routing takes milliseconds; the work itself may be brought after the page is online. */
const offerWithinMs = Number(process.env.OFFER_WITHIN_MS ?? 60_000);

test('a routed case and a routed call are accepted in the browser', { timeout: 180_000 }, async () => {
  assert.ok(USERNAME && PASSWORD && STATUS, 'set USERNAME, PASSWORD and STATUS');
  const browser = await launch();
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(BASE_URL);
    await logIn(page, USERNAME, PASSWORD);
    await page.getByText('Connected', { exact: true }).waitFor();
    await chooseStatus(page, STATUS);
    await close(page, await accept(page, 'Case'));
    await accept(page, 'VoiceCall'); // an agent with open work gets no call (R63)
    assert.deepEqual(errors, []);
  } finally {
    await browser.close();
  }
});

/** Waits for an offer of this type, accepts it and sees it open among the agent's work. */
async function accept(page, type) {
  const card = page.locator(`trunkline-offer[data-type="${type}"]`).first();
  await card.waitFor({ timeout: offerWithinMs });
  const workId = await card.getAttribute('data-work-id');
  await card.getByRole('button', { name: /^Accept/ }).click();
  await page.locator(`li[data-work-id="${workId}"]`).waitFor();
  const isEngaged = await page.evaluate(async (id) => {
    const { token } = JSON.parse(sessionStorage.getItem('trunkline.session'));
    const headers = { Authorization: `Bearer ${token}` };
    const works = await (await fetch('/services/omni/v1/works', { headers })).json();
    return works.some((work) => work.workId.slice(0, 15) === id.slice(0, 15) && work.isEngaged);
  }, workId);
  assert.ok(isEngaged, `the server has ${type} ${workId} as accepted`);
  console.log(`accepted ${type} ${workId}`);
  return workId;
}

/** Closes the work in the list and sees it gone. */
async function close(page, workId) {
  const work = page.locator(`li[data-work-id="${workId}"]`);
  await work.getByRole('button', { name: /^Close/ }).click();
  await work.waitFor({ state: 'detached' });
}
