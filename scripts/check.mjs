/**
 * `npm run check`: everything a change must pass. All of it runs, also when a part fails, and the tests come last.
 */
import { run, say } from './bootstrap/project.mjs';

const PARTS = ['format', 'types', 'exports', 'tests'];

const failed = [];
for (const part of PARTS) {
  say(`\n▶ ${part}`);
  if ((await run('npm', ['run', '--silent', `check:${part}`])) !== 0) failed.push(part);
}
if (failed.length > 0) {
  say(`\nFailed: ${failed.join(', ')}. Each alone: ${failed.map((part) => `npm run check:${part}`).join(', ')}`);
  process.exitCode = 1;
}
