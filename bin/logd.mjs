#!/usr/bin/env node
/**
 * Starts the built program, as if it had been called itself.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const name = process.platform === 'win32' ? 'logd.exe' : 'logd';
const program = fileURLToPath(new URL(`../dist/${name}`, import.meta.url));

if (existsSync(program)) {
  const child = spawn(program, process.argv.slice(2), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
  });
  child.on('error', (error) => {
    process.stderr.write(`logd: cannot start ${program}: ${error.message}\n`);
    process.exitCode = 1;
  });
} else {
  process.stderr.write('logd: not built yet, run: npm run build\n');
  process.exitCode = 1;
}
