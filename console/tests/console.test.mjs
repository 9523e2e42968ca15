// The agent workspace in Debian's Chromium against the fake server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './page.mjs';
import { chooseStatus, goOnline, logIn, openRecord } from './steps.mjs';

const options = { timeout: 60_000 };
const button = (page, name) => page.getByRole('button', { name });

test('a wrong password is refused in human words', options, () =>
  withPage(async (page) => {
    await logIn(page, 'mira.falk@harborline.example', 'wrong');
    await page.getByText('User name and password do not match.').waitFor();
    assert.equal(await button(page, 'Log in').isEnabled(), true);
  }),
);

test('a session that comes behind # needs no password, and leaves the address', options, () =>
  withPage(async (page, server) => {
    await logIn(page);
    await button(page, 'User: Mira Falk').waitFor();
    const { token } = await page.evaluate(() =>
      JSON.parse(sessionStorage.getItem('trunkline.session')),
    );
    await page.evaluate(() => sessionStorage.clear());
    await page.goto('about:blank');
    await page.goto(`${server.url}/#sid=${encodeURIComponent(token)}`);
    await button(page, 'User: Mira Falk').waitFor();
    assert.equal(await page.evaluate(() => location.hash), '');
  }),
);

test('log in, go online, take lunch, go offline', options, () =>
  withPage(async (page, { agent }) => {
    await logIn(page);
    await button(page, 'User: Mira Falk').waitFor();
    await page.getByText('You are offline', { exact: true }).waitFor();
    await chooseStatus(page, 'Available');
    assert.equal(agent.presence.statusName, 'Available');
    await chooseStatus(page, 'Lunch');
    await page.getByText('No new work arrives until you go online.').waitFor();
    await chooseStatus(page, 'Offline');
    assert.equal(agent.presence.statusId, null);
  }),
);

test('an offered case is announced, counted down, accepted and closed', options, () =>
  withPage(async (page, { agent }) => {
    await goOnline(page);
    agent.offerCase({ Subject: 'Refund not received', Priority: 'High' });
    const card = page.getByRole('article', { name: 'Offer: Refund not received' });
    await card.waitFor();
    await page.getByRole('alert').filter({ hasText: 'New offer: Case 00001001' }).waitFor();
    await page.waitForFunction(() => document.title.startsWith('(1) Offer waiting'));
    const timer = card.getByRole('timer');
    assert.match(await timer.getAttribute('aria-label'), /^(30|29|28|27) seconds left/);
    await card.getByText('High priority').waitFor();
    await page.getByRole('meter', { name: 'Capacity' }).waitFor();
    assert.equal(await meterText(page), '2 of 10 in use');

    await button(page, 'Accept: Refund not received').click();
    await openRecord(page, 'Refund not received').waitFor();
    await card.waitFor({ state: 'detached' });
    assert.equal(agent.works[0].isEngaged, true);
    await page.waitForFunction(() => document.title === 'Trunkline');

    await page.getByRole('main').getByRole('button', { name: 'Close: Refund not received' }).click();
    await page.getByText('All clear').waitFor();
    assert.equal(agent.works.length, 0);
    assert.equal(await meterText(page), '0 of 10 in use');
  }),
);

test('an offered call shows its number and is accepted', options, () =>
  withPage(async (page, { agent }) => {
    await goOnline(page);
    agent.offerCall({ FromPhoneNumber: '+1 415 555 0134' });
    await button(page, 'Accept: +1 415 555 0134').click();
    await openRecord(page, '+1 415 555 0134').waitFor();
    await page.getByText('Inbound call').first().waitFor();
    assert.equal(agent.works[0].status, 'Opened');
  }),
);

test('declining asks for a configured reason', options, () =>
  withPage(async (page, { agent }) => {
    await goOnline(page);
    agent.offerCase({ Subject: 'Wrong consignee' });
    await button(page, 'Decline: Wrong consignee').click();
    await page.getByRole('menu', { name: 'Reason for declining' }).waitFor();
    await page.getByRole('menuitem', { name: 'Needs another team' }).click();
    await page.getByText('All clear').waitFor();
    assert.equal(agent.declined[0].reason, 'Needs another team');
  }),
);

test('declining without reasons is one press, and can be switched off', options, () =>
  withPage(async (page, { agent }) => {
    agent.configuration.isDeclineReasonEnabled = false;
    await goOnline(page);
    agent.offerCase({ Subject: 'Wrong consignee' });
    await button(page, 'Decline: Wrong consignee').click();
    await page.getByText('All clear').waitFor();
    assert.deepEqual(agent.declined.map((one) => one.reason), [undefined]);
    agent.configuration.isDeclineEnabled = false;
    await page.reload();
    agent.offerCase({ Subject: 'Lost seal' });
    await button(page, 'Accept: Lost seal').waitFor();
    assert.equal(await button(page, /^Decline/).count(), 0);
  }),
);

test('a push time-out takes the offer away and says so', options, () =>
  withPage(async (page, { agent }) => {
    await goOnline(page);
    const work = agent.offerCase({ Subject: 'Gate closed' });
    await button(page, 'Accept: Gate closed').waitFor();
    agent.withdraw(work.workId, 'workTimedOut');
    await page.getByText('You missed an offer: Gate closed').waitFor();
    assert.equal(await button(page, 'Accept: Gate closed').count(), 0);
  }),
);

test('the countdown follows the clock of the server', options, () =>
  withPage(
    async (page, { agent }) => {
      await goOnline(page);
      agent.offerCase({ Subject: 'Late train' });
      const timer = page.getByRole('timer', { name: /seconds left/ });
      assert.match(await timer.getAttribute('aria-label'), /^(30|29|28|27) /);
    },
    { skewMs: -3_600_000 },
  ),
);

test('an offer that is gone is explained and leaves the list', options, () =>
  withPage(async (page, { agent }) => {
    await goOnline(page);
    const work = agent.offerCase({ Subject: 'Gone already' });
    await button(page, 'Accept: Gone already').waitFor();
    agent.forget(work.workId);
    await button(page, 'Accept: Gone already').click();
    await page.getByText('This work is no longer yours.').waitFor();
    await page.getByText('All clear').waitFor();
  }),
);

test('a command whose answer is lost is repeated and applied once', options, () =>
  withPage(async (page, server) => {
    await goOnline(page);
    server.agent.offerCase({ Subject: 'Twice is once' });
    await button(page, 'Decline: Twice is once').click();
    server.loseNextReply();
    await page.getByRole('menuitem', { name: 'Not my language' }).click();
    await page.getByText('All clear').waitFor();
    await page.waitForTimeout(700); // the repetition must not raise an error
    assert.equal(await page.getByRole('alert').filter({ hasText: /server|offer/i }).count(), 0);
    assert.equal(server.agent.declined.length, 1);
  }),
);

test('a dropped stream reconnects by itself and shows what happened meanwhile', options, () =>
  withPage(async (page, server) => {
    await goOnline(page);
    await page.getByText('Connected', { exact: true }).waitFor();
    server.refuseSockets(true);
    await page.getByRole('status').getByText('Connection lost. Reconnecting…').waitFor();
    server.agent.offerCase({ Subject: 'Came while away' });
    assert.equal(await button(page, 'Accept: Came while away').count(), 0);
    server.refuseSockets(false);
    await button(page, 'Accept: Came while away').click();
    await openRecord(page, 'Came while away').waitFor();
    await page.getByText('Connected', { exact: true }).waitFor();
  }),
);

test('a long outage is called offline, and "Try now" ends it', options, () =>
  withPage(async (page, server) => {
    await goOnline(page);
    server.refuseSockets(true);
    await page.getByText('Offline. The server cannot be reached.').waitFor({ timeout: 20_000 });
    server.refuseSockets(false);
    await button(page, 'Try now').click();
    await page.getByText('Connected', { exact: true }).waitFor();
  }),
);

test('an ended session leads back to the log-in page', options, () =>
  withPage(async (page, server) => {
    await goOnline(page);
    server.expireSession();
    await page.getByText('Your session has ended. Please log in again.').waitFor();
    await logIn(page);
    await button(page, 'Status: Available').waitFor();
  }),
);

test('a reload keeps session, status and work', options, () =>
  withPage(async (page, { agent }) => {
    await goOnline(page);
    const work = agent.offerCase({ Subject: 'Still here' });
    agent.accept(work.workId);
    await page.reload();
    await button(page, 'Status: Available').waitFor();
    await openRecord(page, 'Still here').waitFor();
  }),
);

test('a record that cannot be read leaves its id and can be worked', options, () =>
  withPage(async (page, { agent }) => {
    await goOnline(page);
    const work = agent.offerCase();
    agent.records.delete(work.workItemId);
    await page.reload();
    await button(page, `Accept: ${work.workItemId}`).click();
    await openRecord(page, work.workItemId).waitFor();
  }),
);

test('logging out goes offline and forgets the session', options, () =>
  withPage(async (page, { agent }) => {
    await goOnline(page);
    await button(page, 'User: Mira Falk').click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in to your workspace' }).waitFor();
    assert.equal(agent.presence.statusId, null);
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  }),
);

test('interruptible capacity has a bar of its own', options, () =>
  withPage(async (page, { agent }) => {
    agent.configuredInterruptibleCapacity = 4;
    await goOnline(page);
    agent.offerCase({ Subject: 'Whenever' }, { isInterruptible: true, capacityWeight: 1 });
    await button(page, 'Accept: Whenever').waitFor();
    assert.equal(await meterText(page, 'Interruptible capacity'), '1 of 4 in use');
    assert.equal(await meterText(page), '0 of 10 in use');
  }),
);

test('the chosen theme and the sound switch survive a reload', options, () =>
  withPage(
    async (page) => {
      await goOnline(page);
      await button(page, 'Theme').click();
      await page.getByRole('menuitemradio', { name: 'Dark' }).click();
      await button(page, 'Sound on offers').click();
      await page.reload();
      await button(page, 'Status: Available').waitFor();
      const scheme = await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
      assert.equal(scheme, 'dark');
      assert.equal(await button(page, 'Sound on offers').getAttribute('aria-pressed'), 'false');
    },
    { page: { colorScheme: 'light' } },
  ),
);

test('on a narrow screen offers stay in sight of an open record', options, () =>
  withPage(
    async (page, { agent }) => {
      await goOnline(page);
      agent.offerCase({ Subject: 'First of two' });
      await button(page, 'Accept: First of two').click();
      await openRecord(page, 'First of two').waitFor();
      assert.equal(await button(page, /^Status:/).count(), 0);
      agent.offerCall({ FromPhoneNumber: '+49 30 5550 11' });
      await button(page, 'Accept: +49 30 5550 11').waitFor();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.equal(overflow, 0);
      await button(page, 'Back to your work').click();
      await button(page, /^Status:/).waitFor();
    },
    { page: { viewport: { width: 360, height: 740 } } },
  ),
);

async function meterText(page, name = 'Capacity') {
  return page.getByRole('meter', { name, exact: true }).getAttribute('aria-valuetext');
}
