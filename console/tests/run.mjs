// `npm test`: against a real server when BASE_URL names one, else against the fake one.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const files = process.env.BASE_URL ? ['real.test.mjs'] : ['console.test.mjs', 'access.test.mjs'];
const run = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files.map((file) => here + file)],
  { stdio: 'inherit' },
);
process.exit(run.status ?? 1);
