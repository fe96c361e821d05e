/**
 * The checkout, for scripts that must run before anything is installed: plain JavaScript for Node 20.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const commands = join(root, 'node_modules/.bin');

/** The environment for what is started: the project's own Node comes before the machine's. */
export function environment() {
  return { ...process.env, PATH: `${commands}${delimiter}${process.env.PATH ?? ''}` };
}

/**
 * Runs a command in the checkout, its output passed through.
 * @returns {Promise<number>} its exit code; 128 + signal when a signal ended it, 127 when it could not be started
 */
export function run(command, args) {
  return new Promise((resolve) => {
    const shell = process.platform === 'win32';
    const child = spawn(command, args, { cwd: root, env: environment(), stdio: 'inherit', shell });
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
    child.on('error', (error) => {
      process.stderr.write(`cannot run ${command}: ${error.message}\n`);
      resolve(127);
    });
  });
}

export function say(text) {
  process.stdout.write(`${text}\n`);
}
