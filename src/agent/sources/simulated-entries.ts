/**
 * What `simulate` says, by profile: entries as systems really write them, drawn at random. The same draws give the same
 * entries.
 */
import type { Fields } from '../../entry/entry.ts';
import type { Level } from '../../entry/level.ts';

export const PROFILES = ['mixed', 'web', 'auth', 'traces', 'flood'] as const;
export type Profile = (typeof PROFILES)[number];

export interface SimulatedEntry {
  readonly level: Level;
  readonly message: string;
  readonly fields?: Fields | undefined;
}

/** A whole number from 0 to before `max`. */
type Draw = (max: number) => number;

/** Draws one entry after another. */
export type DrawEntry = () => SimulatedEntry;

/** @param random from 0 to before 1 */
export function drawFrom(profile: Profile, random: () => number): DrawEntry {
  const draw: Draw = (max) => Math.floor(random() * max);
  switch (profile) {
    case 'mixed':
      return () => oneOf(MIXED, draw)(draw);
    case 'web':
      return () => webRequest(draw);
    case 'auth':
      return authEvents(draw);
    case 'traces':
      return () => (draw(4) === 0 ? oneOf(TRACES, draw)(draw) : oneOf(MIXED, draw)(draw));
    case 'flood':
      return flood(draw);
    default:
      profile satisfies never;
      throw new Error('BUG: a profile of unknown name');
  }
}

const USERS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'] as const;
const PATHS = ['/', '/login', '/cart', '/api/orders', '/api/users', '/search'] as const;

function oneOf<Value>(values: readonly [Value, ...Value[]], draw: Draw): Value {
  return values[draw(values.length)] ?? values[0];
}

function says(level: Level, message: (draw: Draw) => string): (draw: Draw) => SimulatedEntry {
  return (draw) => ({ level, message: message(draw) });
}

const MIXED: readonly [(draw: Draw) => SimulatedEntry, ...((draw: Draw) => SimulatedEntry)[]] = [
  says('DEBUG', (n) => `Cache ${n(2) === 0 ? 'hit' : 'miss'} for key user:${n(10_000)}`),
  says('DEBUG', (n) => `Query took ${n(90)} ms, ${n(500)} rows`),
  says('INFO', (n) => `User ${oneOf(USERS, n)} logged in from ${address(n)}`),
  says('INFO', (n) => `GET ${oneOf(PATHS, n)} 200 in ${n(300)} ms`),
  says('INFO', (n) => `Job ${n(10_000)} finished after ${n(60)} s`),
  says('WARNING', (n) => `Disk usage at ${80 + n(20)}%`),
  says('WARNING', (n) => `GET ${oneOf(PATHS, n)} took ${1_000 + n(9_000)} ms`),
  says('ERROR', (n) => `Failed to connect to database db-${n(4)}: timeout after ${1 + n(30)} s`),
  says('ERROR', (n) => `POST ${oneOf(PATHS, n)} 500: order ${n(100_000)} could not be saved`),
  says('CRITICAL', (n) => `Out of memory: worker ${n(64)} was killed`),
];

function address(draw: Draw): string {
  return `10.0.${draw(256)}.${draw(256)}`;
}

// ---- web: an access log, most of it good, slow now and then.

const METHODS = ['GET', 'GET', 'GET', 'GET', 'POST', 'PUT'] as const;
const STATUSES = [200, 200, 200, 200, 200, 200, 204, 301, 304, 304, 400, 401, 404, 404, 429, 500, 502, 503] as const;
const AGENTS = ['Mozilla/5.0 (X11; Linux x86_64)', 'Mozilla/5.0 (iPhone)', 'curl/8.14.1', 'Googlebot/2.1'] as const;

function webRequest(draw: Draw): SimulatedEntry {
  const [method, path, status, agent] = [
    oneOf(METHODS, draw),
    oneOf(PATHS, draw),
    oneOf(STATUSES, draw),
    oneOf(AGENTS, draw),
  ];
  // Few take long, and those take very long.
  const durationMs = draw(20) === 0 ? 800 + draw(9_200) : 1 + draw(180);
  const bytes = status === 304 || status === 204 ? 0 : 200 + draw(60_000);
  const isSlow = durationMs >= 1_000;
  const level = status >= 500 ? 'ERROR' : status === 429 || isSlow ? 'WARNING' : 'INFO';
  return {
    level,
    message: `${address(draw)} "${method} ${path} HTTP/1.1" ${status} ${bytes} ${durationMs}ms "${agent}"`,
    fields: {
      'http.method': method,
      'http.path': path,
      'http.status': status,
      'http.bytes': bytes,
      duration_ms: durationMs,
    },
  };
}

// ---- auth: people who come and go, and now and then somebody who tries all names.

const ATTACKED = ['root', 'admin', 'oracle', 'postgres', 'test', 'ubuntu'] as const;

function authEvents(draw: Draw): DrawEntry {
  let attack: { address: string; left: number } | undefined;
  return () => {
    attack ??= draw(40) === 0 ? { address: `203.0.113.${draw(256)}`, left: 20 + draw(60) } : undefined;
    if (!attack || draw(5) === 0) return oneOf(AUTH, draw)(draw);
    const { address, left } = attack;
    attack = left > 1 ? { address, left: left - 1 } : undefined;
    if (left === 1) {
      return {
        level: 'CRITICAL',
        message: `sshd[${draw(30_000)}]: ${address} was banned after too many failed logins`,
        fields: { 'source.ip': address, event: 'banned' },
      };
    }
    const user = oneOf(ATTACKED, draw);
    return {
      level: 'WARNING',
      message: `sshd[${draw(30_000)}]: Failed password for invalid user ${user} from ${address} port ${1_024 + draw(60_000)} ssh2`,
      fields: { 'source.ip': address, user, event: 'login-failed' },
    };
  };
}

const AUTH: typeof MIXED = [
  says(
    'INFO',
    (n) => `sshd[${n(30_000)}]: Accepted publickey for ${oneOf(USERS, n)} from ${address(n)} port 51514 ssh2`,
  ),
  says('INFO', (n) => `sshd[${n(30_000)}]: pam_unix(sshd:session): session closed for user ${oneOf(USERS, n)}`),
  says(
    'INFO',
    (n) => `sudo: ${oneOf(USERS, n)} : TTY=pts/${n(9)} ; USER=root ; COMMAND=/usr/bin/systemctl restart nginx`,
  ),
  says('WARNING', (n) => `login: password of ${oneOf(USERS, n)} expires in ${1 + n(7)} days`),
  says(
    'ERROR',
    (n) => `sudo: ${oneOf(USERS, n)} : user NOT in sudoers ; TTY=pts/${n(9)} ; COMMAND=/bin/cat /etc/shadow`,
  ),
];

// ---- traces: messages of many lines, as the languages write them.

const TRACES: typeof MIXED = [
  says('ERROR', (n) =>
    [
      `java.lang.IllegalStateException: order ${n(100_000)} is closed already`,
      '    at com.example.orders.Order.close(Order.java:118)',
      '    at com.example.orders.OrderService.finish(OrderService.java:74)',
      '    at java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1144)',
      `Caused by: java.sql.SQLTransientConnectionException: no connection within ${1 + n(30)}000 ms`,
      '    at com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696)',
      '    ... 2 more',
    ].join('\n'),
  ),
  says('ERROR', (n) =>
    [
      'Traceback (most recent call last):',
      '  File "/srv/app/worker.py", line 214, in run',
      '    self.handle(job)',
      '  File "/srv/app/jobs.py", line 88, in handle',
      `    total = prices["item-${n(1_000)}"]`,
      `KeyError: 'item-${n(1_000)}'`,
    ].join('\n'),
  ),
  says('CRITICAL', (n) =>
    [
      `TypeError: Cannot read properties of undefined (reading 'id')`,
      `    at renderCart (/srv/web/cart.js:${1 + n(300)}:17)`,
      '    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)',
    ].join('\n'),
  ),
];

// ---- flood: quiet, then one fault that says the same hundreds of times.

function flood(draw: Draw): DrawEntry {
  let left = 0;
  let server = '';
  return () => {
    if (left === 0 && draw(200) === 0) {
      left = 200 + draw(2_000);
      server = `db-${draw(4)}`;
    }
    if (left === 0) return oneOf(MIXED, draw)(draw);
    left--;
    return {
      level: 'ERROR',
      message: `connection to ${server}:5432 refused, try ${1 + draw(9)} of 10, request ${draw(1_000_000)}`,
      fields: { 'db.server': server },
    };
  };
}
