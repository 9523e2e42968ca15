// Usable without a mouse and with a screen reader: keyboard walks, roles and names, contrast.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { PASSWORD, USER } from '../dev/fake-server.mjs';
import { withPage } from './page.mjs';
import { goOnline, openRecord } from './steps.mjs';

const options = { timeout: 60_000 };
const button = (page, name) => page.getByRole('button', { name });

test('the whole walk by keyboard: log in, go online, accept, close', options, () =>
  withPage(async (page, { agent }) => {
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await page.getByLabel('User name').waitFor();
    await page.keyboard.type(USER); // the field has the focus from the start
    await press('Tab');
    await page.keyboard.type(PASSWORD);
    await press('Enter');
    await page.getByText('You are offline', { exact: true }).waitFor();

    await tabTo(page, /^Status:/);
    await press('Enter');
    await page.getByRole('menu', { name: 'Status' }).waitFor();
    assert.equal(await focusedName(page), 'Offline'); // the current one
    await press('Home');
    await press('ArrowDown', 'ArrowUp', 'Enter');
    await button(page, 'Status: Available').waitFor();

    agent.offerCase({ Subject: 'By keyboard' });
    await button(page, 'Accept: By keyboard').waitFor();
    await tabTo(page, /^Accept: By keyboard/);
    await press('Enter');
    await openRecord(page, 'By keyboard').waitFor();
    await page.waitForFunction(() => {
      let at = document.activeElement;
      while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
      return at?.localName === 'h2'; // the card that had the focus is gone
    });
    await tabTo(page, /^Close: By keyboard/);
    await press('Space');
    await page.getByText('All clear').waitFor();
  }),
);

test('Escape leaves a menu and gives the focus back', options, () =>
  withPage(async (page) => {
    await goOnline(page);
    await button(page, /^Status:/).click();
    const menu = page.getByRole('menu', { name: 'Status' });
    await menu.waitFor();
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'hidden' });
    assert.equal(await focusedName(page), 'Status: Available');
    assert.equal(await button(page, /^Status:/).getAttribute('aria-expanded'), 'false');
  }),
);

test('single keys accept and decline, and can be switched off', options, () =>
  withPage(async (page, { agent }) => {
    await goOnline(page);
    agent.offerCase({ Subject: 'One key' });
    await button(page, 'Accept: One key').waitFor();
    await page.keyboard.press('a');
    await openRecord(page, 'One key').waitFor();
    agent.offerCase({ Subject: 'Other key' });
    await button(page, 'Accept: Other key').waitFor();
    await page.keyboard.press('d');
    await page.getByRole('menuitem', { name: 'Not my language' }).waitFor();
    await page.keyboard.press('Escape');

    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.getByRole('checkbox').click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('a');
    await page.waitForTimeout(300);
    assert.equal(agent.works.filter((work) => work.isEngaged).length, 1);
  }),
);

test('regions, headings and the status menu have roles and names', options, () =>
  withPage(async (page, { agent }) => {
    await goOnline(page);
    agent.offerCase({ Subject: 'Named' });
    await button(page, 'Accept: Named').waitFor();
    for (const [role, name] of [
      ['heading', /Trunkline/],
      ['heading', /Offered to you/],
      ['heading', /Your work/],
      ['complementary', 'Omni-Channel'],
      ['region', 'Status and capacity'],
      ['main', undefined],
      ['banner', undefined],
      ['meter', 'Capacity'],
      ['log', 'Messages'],
    ]) {
      assert.equal(await page.getByRole(role, name ? { name } : {}).count(), 1, `${role} ${name}`);
    }
    await button(page, /^Status:/).click();
    for (const name of ['Online', 'Busy', 'Offline']) {
      assert.equal(await page.getByRole('group', { name, exact: true }).count(), 1, name);
    }
    assert.equal(await page.getByRole('menuitemradio', { checked: true }).count(), 1);
    await page.keyboard.press('Escape');
  }),
);

test('every button and field has a name', options, () =>
  withPage(async (page, { agent }) => {
    const nameless = () =>
      page.evaluate(() => {
        const found = [];
        const walk = (root) => {
          for (const element of root.querySelectorAll('*')) {
            if (element.shadowRoot) walk(element.shadowRoot);
            if (!element.matches('button, input, [role=meter], [role=menu], [role=timer]')) continue;
            const slot = element.querySelector('slot')?.assignedNodes() ?? [];
            const text = element.textContent + slot.map((node) => node.textContent).join('');
            const label = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent;
            if (!(label ?? text).trim()) found.push(element.outerHTML);
          }
        };
        walk(document);
        return found;
      });
    await page.getByLabel('User name').waitFor();
    assert.deepEqual(await nameless(), []);
    await goOnline(page);
    agent.accept(agent.offerCase({ Subject: 'Open' }).workId);
    agent.offerCall();
    await button(page, /^Accept/).waitFor();
    assert.deepEqual(await nameless(), []);
  }),
);

test('text and marks keep their contrast in both themes (WCAG AA)', options, async () => {
  const source = await readFile(new URL('../src/ui/tokens.ts', import.meta.url), 'utf8');
  const tokens = new Map(
    [...source.matchAll(/--tl-([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map((found) => [
      found[1],
      [found[2], found[3]],
    ]),
  );
  const grounds = ['bg', 'surface', 'sunken', 'hover'];
  const pairs = [
    ...grounds.flatMap((ground) => [
      ['text', ground, 4.5],
      ['muted', ground, 4.5],
      ['accent', ground, 3],
      ['online', ground, 3],
      ['busy', ground, 3],
      ['offline', ground, 3],
      ['edge', ground, 3],
    ]),
    ['on-accent', 'accent', 4.5],
    ['on-accent', 'accent-strong', 4.5],
    ['accent', 'accent-soft', 4.5],
    ['text', 'accent-soft', 4.5],
    ['busy', 'busy-soft', 4.5],
    ['danger', 'danger-soft', 4.5],
    ['danger', 'surface', 4.5],
    ['accent', 'line', 3],
  ];
  for (const theme of [0, 1]) {
    for (const [front, back, least] of pairs) {
      const ratio = contrast(tokens.get(front)[theme], tokens.get(back)[theme]);
      assert.ok(ratio >= least, `${front} on ${back}, theme ${theme}: ${ratio.toFixed(2)} < ${least}`);
    }
  }
});

function contrast(a, b) {
  const light = (hex) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = parseInt(hex.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Presses Tab until the focused element's name matches; at most once around the page. */
async function tabTo(page, name) {
  for (let presses = 0; presses < 40; presses++) {
    if (name.test(await focusedName(page))) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`no Tab stop named ${name}`);
}

function focusedName(page) {
  return page.evaluate(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return (at?.getAttribute('aria-label') ?? at?.textContent ?? '').trim();
  });
}
