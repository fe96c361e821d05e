/**
 * `npm start`: installs and builds what is missing, then runs the main job: a server, and an agent that follows this
 * machine's own log. Plain JavaScript for Node 20. What stands after `--` goes to the server: npm start -- --port 5001
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { build, program } from './bootstrap/build.mjs';
import { install } from './bootstrap/install.mjs';
import { say } from './bootstrap/project.mjs';
import { chooseSource } from './bootstrap/source.mjs';

const READY = /^logd listening on (\S+)/;
/** The server answers what it has accepted within 5 s of being told to stop. */
const STOP_MS_MAX = 8_000;
const PARENT_LOOK_MS = 250;

const prepared = (await install()) || (await build());
process.exitCode = prepared || (await runBoth(process.argv.slice(2)));

/** Runs until one of the two ends or a signal comes; then both are stopped, the agent first. Gives the exit code. */
async function runBoth(serveArgs) {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop.abort());
  onParentEnd(() => stop.abort());
  const stopped = new Promise((resolve) => stop.signal.addEventListener('abort', () => resolve(0)));

  const server = start(['serve', ...serveArgs], 'pipe');
  const url = await Promise.race([addressOf(server.child), server.ended, stopped]);
  if (typeof url === 'number') return (await end(server)) || url;

  const agent = start(shipArgs(url, serveArgs), 'inherit');
  const code = await Promise.race([server.ended, agent.ended, stopped]);
  const agentCode = await end(agent);
  const serverCode = await end(server);
  return code || serverCode || agentCode;
}

/** npm hands a signal to the shell it runs this in, and that shell dies of it without a word to this script. */
function onParentEnd(listener) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    listener();
  }, PARENT_LOOK_MS);
  timer.unref();
}

/** In a process group of its own: Ctrl-C reaches this script alone, which stops agent and server in that order. */
function start(args, stdout) {
  const detached = process.platform !== 'win32';
  const child = spawn(program, args, { stdio: ['ignore', stdout, 'inherit'], detached });
  const ended = new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
    child.on('error', (error) => {
      process.stderr.write(`cannot start ${program}: ${error.message}\n`);
      resolve(1);
    });
  });
  return { child, ended };
}

/** Ends a child and gives its exit code; one that does not listen is killed. */
async function end({ child, ended }) {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  const code = await ended;
  clearTimeout(timer);
  return code;
}

/** Passes the server's lines through; resolves with the address once it is ready. */
function addressOf(server) {
  return new Promise((resolve) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      say(line);
      const url = READY.exec(line)?.[1];
      if (url) resolve(url);
    });
  });
}

function shipArgs(url, serveArgs) {
  const help = execFileSync(program, ['ship', '--help'], { encoding: 'utf8' });
  const source = process.env.LOGD_SOURCE ? { about: process.env.LOGD_SOURCE } : chooseSource(help);
  const address = url.replace('://0.0.0.0', '://127.0.0.1').replace('://[::]', '://[::1]');
  const tokens = tokenFile(serveArgs);
  const tokenArgs = existsSync(tokens) ? [`--token-file=${tokens}`] : [];
  say(`
  An agent follows ${source.about}.
  In the browser:      ${address}/view
  In another terminal: ${['dist/logd tail --server', address, ...tokenArgs].join(' ')}
  Ctrl-C stops both.
`);
  return ['ship', `--server=${address}`, ...(source.name ? [`--source=${source.name}`] : []), ...tokenArgs];
}

/** Where the server keeps what it asks agents for, when it does. */
function tokenFile(serveArgs) {
  const options = { data: { type: 'string' }, 'token-file': { type: 'string' } };
  const { values } = parseArgs({ args: serveArgs, options, strict: false });
  const data = values.data ?? process.env.LOGD_DATA ?? 'logd-data';
  return values['token-file'] ?? process.env.LOGD_TOKEN_FILE ?? join(data, 'tokens');
}
