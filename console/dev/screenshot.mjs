// A picture of the console with work in it, for the README.
//
//   node dev/screenshot.mjs OUT.png                              a scripted agent of the fake server
//   node dev/screenshot.mjs BASE_URL USER PASSWORD OUT.png       a running Trunkline
//
// Against a running server it goes online (STATUS names the status, else the first one), accepts
// what comes until work is open, and takes the picture when the next offer is on the screen.
import { launch } from './browser.mjs';
import { PASSWORD, USER, startFakeServer } from './fake-server.mjs';

/** Waits of a demo with customers of its own: work comes within seconds. */
const offerWithinMs = 60_000;
/** Works to accept before the picture. */
const openWorks = 2;

const args = process.argv.slice(2);
const browser = await launch();
try {
  if (args.length === 1) await pictureOfFake(args[0]);
  else if (args.length === 4) await pictureOfServer(...args);
  else throw new Error('usage: screenshot.mjs [BASE_URL USER PASSWORD] OUT.png');
} finally {
  await browser.close();
}

async function open(url, user, password) {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    colorScheme: process.env.SCHEME === 'dark' ? 'dark' : 'light',
    deviceScaleFactor: 2,
    ignoreHTTPSErrors: true,
  });
  page.setDefaultTimeout(20_000);
  await page.goto(url);
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Connected', { exact: true }).waitFor();
  return page;
}

async function pictureOfServer(url, user, password, out) {
  const page = await open(url, user, password);
  await page.getByRole('button', { name: /^Status:/ }).click();
  const wanted = process.env.STATUS ? { name: process.env.STATUS } : {};
  await page.getByRole('menuitemradio', wanted).first().click();
  const accept = page.getByRole('button', { name: /^Accept:/ }).first();
  for (let opened = 0; opened < openWorks; opened++) {
    await accept.click({ timeout: offerWithinMs });
    await page.getByRole('button', { name: /^Close:/ }).nth(opened).waitFor();
  }
  // A full agent gets no more offers; then the picture shows the open work alone.
  await accept.waitFor({ timeout: offerWithinMs / 4 }).catch(() => undefined);
  await picture(page, out);
}

async function pictureOfFake(out) {
  const { agent, url, close } = await startFakeServer();
  agent.setStatus('0N5000000000001');
  const back = (seconds) => agent.now() - seconds * 1000;
  const accepted = [
    agent.offerCase(
      {
        Subject: 'Refrigerated container 4 °C above set point',
        Priority: 'High',
        Origin: 'Email',
        Description:
          'Reefer HLXU 330 2281 reports 6 °C instead of 2 °C since Tuesday evening.\n' +
          'Cargo: strawberries, 18 pallets, bound for Rotterdam.\n\n' +
          'Please ask the terminal in Valencia whether a cold store is free before 16:00, and ' +
          'tell us which vessel can take the container tomorrow.',
      },
      { requestedAt: back(205), assignedAt: back(178) },
    ),
    agent.offerCase(
      { Subject: 'Invoice 88213 names the wrong consignee' },
      { requestedAt: back(1_020), assignedAt: back(914) },
    ),
  ];
  for (const work of accepted) agent.accept(work.workId);
  accepted[0].acceptedAt = accepted[0].assignedAt + 6_000;
  accepted[1].acceptedAt = accepted[1].assignedAt + 9_000;
  agent.offerCall({}, { requestedAt: back(19), assignedAt: back(8) });
  const page = await open(url, USER, PASSWORD);
  await page.getByRole('button', { name: /^Accept: \+49/ }).waitFor();
  await picture(page, out);
  await page.close();
  await close();
}

async function picture(page, out) {
  await page.waitForTimeout(600); // the card has arrived, the ring has moved
  await page.screenshot({ path: out });
  console.log(`wrote ${out}`);
}
