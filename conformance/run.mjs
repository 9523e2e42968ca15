// Runs the real clients against a server and compares what they say with enabled.json.
//
//   node run.mjs [SUITE...] [--switch-on]
//
// enabled.json names every check of every suite: "on", or the key of the issue that brings it. A check that is
// on must pass. The others run too: the end of the report lists them by issue and says which ones pass already;
// --switch-on then turns those on in enabled.json. A check that enabled.json does not name is an error, so that
// the list stays complete.
//
// Environment: BASE_URL, USERNAME, PASSWORD; CLIENT_ID, CLIENT_SECRET for OAuth; PYTHON (default python3).
// The last line is "N passed, N failed" over the checks that are on; exit 1 when one of them failed.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HOME = dirname(fileURLToPath(import.meta.url));
const LIST = join(HOME, 'enabled.json');
const SUITE_MS = 5 * 60 * 1000;

/** How each suite starts: program, script, extra environment. */
const SUITES = {
  jsforce: [process.execPath, 'jsforce/run.mjs', { SLOW: '1', CHECK_TIMEOUT_MS: '15000' }],
  walk: [process.execPath, 'jsforce/walk.mjs', {}],
  telephony: [process.execPath, 'telephony/run.mjs', {}],
  simple_salesforce: [process.env.PYTHON || 'python3', 'simple_salesforce/run.py', {}],
  cometd: [process.execPath, 'cometd/run.mjs', {}],
  examples: [process.env.PYTHON || 'python3', 'examples/run.py', {}],
  soap_zeep: [process.env.PYTHON || 'python3', 'soap_zeep/run.py', {}],
};

/** Runs one suite; gives its result lines as [{ pass, text }]. */
function run(suite) {
  const [program, script, extra] = SUITES[suite];
  const child = spawn(program, [join(HOME, script)], {
    cwd: HOME, env: { ...process.env, PYTHONUNBUFFERED: '1', ...extra }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  const timer = setTimeout(() => { console.log(`  ${suite} takes longer than ${SUITE_MS / 1000} s: killed`); child.kill('SIGKILL'); }, SUITE_MS);
  const results = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const found = /^(not ok|ok) (?:\d{3} )?(.*)$/.exec(line);
    if (found) results.push({ pass: found[1] === 'ok', text: found[2] });
  });
  return new Promise((done, refuse) => {
    child.on('error', refuse);
    child.on('close', () => { clearTimeout(timer); done(results); });
  });
}

/** The listed name at the start of a result line: names contain colons, and so does the reason after them. */
function nameOf(text, names) {
  const fits = names.filter((name) => text === name || text.startsWith(`${name}: `));
  return fits.sort((a, b) => b.length - a.length)[0];
}

/** Pairs the list with the results of a suite: [{ name, issue, state, why }], state one of pass, fail, absent, unlisted. */
function compare(listed, results) {
  const seen = new Map();
  const rows = [];
  for (const { pass, text } of results) {
    const name = nameOf(text, Object.keys(listed));
    if (name) seen.set(name, { state: pass ? 'pass' : 'fail', why: text.slice(name.length + 2) });
    else rows.push({ name: text, issue: 'on', state: 'unlisted', why: 'enabled.json does not name it' });
  }
  for (const [name, issue] of Object.entries(listed)) {
    rows.push({ name, issue, ...(seen.get(name) ?? { state: 'absent', why: 'it did not run' }) });
  }
  return rows;
}

/** Prints the waiting checks by issue and returns those that pass already. */
function reportWaiting(rows, issues) {
  for (const [key, title] of Object.entries(issues)) {
    const waiting = rows.filter((row) => row.issue === key);
    if (waiting.length === 0) continue;
    console.log(`\nnot yet, comes with "${title}" (${waiting.length} checks):`);
    for (const row of waiting) {
      console.log(`  ${row.suite}: ${row.name}${row.state === 'pass' ? '   <- passes already' : ''}`);
    }
  }
  const early = rows.filter((row) => row.issue !== 'on' && row.state === 'pass');
  if (early.length > 0) console.log(`\n${early.length} waiting checks pass already: --switch-on turns them on`);
  return early;
}

const words = process.argv.slice(2);
const { issues, suites } = JSON.parse(readFileSync(LIST, 'utf8'));
const chosen = words.filter((word) => !word.startsWith('--'));
const unknown = chosen.find((suite) => !SUITES[suite]);
if (unknown) { console.error(`no suite ${unknown}; there are ${Object.keys(SUITES).join(', ')}`); process.exit(2); }

const rows = [];
for (const suite of chosen.length > 0 ? chosen : Object.keys(SUITES)) {
  const mine = compare(suites[suite], await run(suite)).map((row) => ({ suite, ...row }));
  rows.push(...mine);
  const on = mine.filter((row) => row.issue === 'on');
  const good = on.filter((row) => row.state === 'pass').length;
  console.log(`${suite}: ${good} of ${on.length} enabled checks pass, ${mine.length - on.length} wait`);
  for (const row of on.filter((r) => r.state !== 'pass')) console.log(`  not ok ${row.name}: ${row.why}`);
}

const early = reportWaiting(rows, issues);
if (words.includes('--switch-on')) {
  for (const { suite, name } of early) suites[suite][name] = 'on';
  writeFileSync(LIST, `${JSON.stringify({ issues, suites }, null, 2)}\n`);
}
const on = rows.filter((row) => row.issue === 'on');
const passed = on.filter((row) => row.state === 'pass').length;
console.log(`\n${passed} passed, ${on.length - passed} failed`);
process.exit(passed === on.length ? 0 : 1);
