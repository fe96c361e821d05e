/**
 * The programs that tests speak to. A test whose program is missing says so and is skipped.
 */
import { spawnSync } from 'node:child_process';
import { canInstallPackages, hasCommand, installPackages } from './debian.mjs';
import { say } from './project.mjs';

const TOOLS = [
  {
    debian: 'chromium fonts-liberation',
    isThere: () => ['chromium', 'chromium-browser', 'google-chrome'].some(hasCommand),
    serves: 'the pages in a real browser',
  },
  { debian: 'tmux', isThere: () => hasCommand('tmux'), serves: 'the terminal dashboard in a real terminal' },
  { debian: 'python3-requests', isThere: hasPythonRequests, serves: 'the Python clients' },
];

/** Installs what is missing where that can be done without asking: as root on Debian. Elsewhere says what is missing. */
export async function installTools() {
  const missing = TOOLS.filter(({ isThere }) => !isThere());
  if (missing.length === 0) return;
  const packages = missing.flatMap(({ debian }) => debian.split(' '));
  if (canInstallPackages()) {
    say(`Installing what tests speak to: ${packages.join(', ')} …`);
    await installPackages(packages);
  }
  const absent = TOOLS.filter(({ isThere }) => !isThere());
  if (absent.length === 0) return;
  const lines = absent.map(({ debian, serves }) => `  ${debian.padEnd(27)} ${serves}`);
  const names = absent.map(({ debian }) => debian).join(' ');
  say(
    `Not installed, so the tests that need them are skipped:\n${lines.join('\n')}\nOn Debian: apt-get install ${names}`,
  );
}

function hasPythonRequests() {
  return spawnSync('/usr/bin/python3', ['-c', 'import requests']).status === 0;
}
