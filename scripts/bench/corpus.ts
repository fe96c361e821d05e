/**
 * A day of a fleet's log, made up: the same seed and count give the same entries. One rare word stands in three of them
 * and a common one in about one of fourteen, so that a search's answer can be checked and not only timed.
 */
import type { Draft } from '../../src/entry/entry.ts';
import type { Level } from '../../src/entry/level.ts';
import { type Chance, createChance } from './random.ts';

export const RARE_WORD = 'zyzzyva';
export const COMMON_WORD = 'timeout';

export const DAY_START_MS = Date.UTC(2026, 10, 22);
const DAY_MS = 86_400_000;
export const DAY_END_MS = DAY_START_MS + DAY_MS;
const CLIENT_COUNT = 20;
/** Where the rare word stands, as parts of the whole. */
const RARE_AT = [0.1, 0.5, 0.9];
const CRITICAL_ONE_IN = 1_000;

export interface CorpusOptions {
  readonly count: number;
  readonly seed: number;
}

/** Entries in the order of their time, evenly over one day. */
export function* corpus({ count, seed }: CorpusOptions): Generator<Draft & { readonly timeMs: number }> {
  const chance = createChance(seed);
  const rare = new Set(RARE_AT.map((part) => Math.floor(count * part)));
  for (let index = 0; index < count; index++) {
    const kind = chance.below(CRITICAL_ONE_IN) === 0 ? outOfMemory : chance.pick(kinds);
    const [level, message] = kind(chance);
    yield {
      timeMs: DAY_START_MS + Math.floor((index * DAY_MS) / count),
      level,
      clientId: `client-${String(1 + chance.below(CLIENT_COUNT)).padStart(2, '0')}`,
      message: rare.has(index) ? `${message} canary=${RARE_WORD}` : message,
    };
  }
}

type Kind = (chance: Chance) => readonly [Level, string];

const SERVICES = ['auth', 'billing', 'gateway', 'search', 'orders', 'inventory', 'mailer', 'scheduler'];
const PATHS = [
  '/api/v1/orders',
  '/api/v1/orders/{}',
  '/api/v1/users/{}/profile',
  '/health',
  '/login',
  '/static/js/app.{}.js',
  '/api/v2/search?q={}',
  '/cart/checkout',
];
const FAULTS = ['KeyError', 'ValueError', 'TypeError', 'NullPointerException'];

const address = (chance: Chance) => `10.${chance.below(256)}.${chance.below(256)}.${chance.below(256)}`;
const user = (chance: Chance) => `user${1000 + chance.below(500)}`;
const path = (chance: Chance) => chance.pick(PATHS).replace('{}', chance.hex(6));

const request: Kind = (chance) => [
  'INFO',
  `${chance.pick(['GET', 'GET', 'POST', 'DELETE'])} ${path(chance)} HTTP/1.1 status=${chance.pick([200, 200, 201, 304, 404])} ` +
    `bytes=${chance.below(90_000)} duration=${chance.below(900)}ms remote=${address(chance)} rid=${chance.hex(16)}`,
];
const userRequest: Kind = (chance) => [
  'INFO',
  `${chance.pick(['GET', 'GET', 'POST'])} ${path(chance)} HTTP/1.1 status=${chance.pick([200, 200, 304])} ` +
    `bytes=${chance.below(90_000)} duration=${chance.below(300)}ms remote=${address(chance)} user=${user(chance)} rid=${chance.hex(16)}`,
];
const signIn: Kind = (chance) => [
  'INFO',
  `user ${user(chance)} logged in from ${address(chance)} session=${chance.hex(24)} mfa=${chance.pick(['true', 'false'])}`,
];
const job: Kind = (chance) => [
  'INFO',
  `job ${chance.pick(['reindex', 'nightly-report', 'cleanup'])} finished in ${chance.below(60_000)}ms, ` +
    `processed ${chance.below(100_000)} items, ${chance.below(20)} skipped, run=${chance.hex(32)}`,
];
const order: Kind = (chance) => [
  'INFO',
  `order ${chance.below(1e8)} created for ${user(chance)} total=${chance.below(50_000)}.${10 + chance.below(90)} EUR ` +
    `items=${1 + chance.below(12)} payment=${chance.pick(['card', 'paypal', 'sepa'])}`,
];
const cache: Kind = (chance) => [
  'DEBUG',
  `cache ${chance.pick(['hit', 'miss'])} key=${chance.pick(SERVICES)}:${chance.hex(12)} ttl=${chance.below(3600)}s ` +
    `size=${chance.below(4096)} shard=${chance.below(16)} trace=${chance.hex(32)}`,
];
const statement: Kind = (chance) => [
  'DEBUG',
  `sql query took ${chance.below(200)}ms: SELECT id, name, updated_at FROM ${chance.pick(['orders', 'users', 'items'])} ` +
    `WHERE tenant_id = ${chance.below(5000)} AND status = '${chance.pick(['open', 'closed', 'pending'])}'`,
];
const span: Kind = (chance) => [
  'DEBUG',
  `trace ${chance.hex(32)} span ${chance.hex(16)} ${chance.pick(SERVICES)} -> ${chance.pick(SERVICES)} ` +
    `rpc=${chance.pick(['Get', 'List', 'Update'])}${chance.pick(['Order', 'User', 'Item'])} took ${chance.below(500)}us`,
];
const slow: Kind = (chance) => [
  'WARNING',
  `slow request: ${path(chance)} took ${1000 + chance.below(9000)}ms (threshold 1000ms) ` +
    `remote=${address(chance)} worker=${chance.below(32)}`,
];
const retry: Kind = (chance) => [
  'WARNING',
  `retry ${1 + chance.below(5)}/5 for ${chance.pick(SERVICES)} after ${COMMON_WORD} of ${chance.pick([500, 1000, 3000])}ms, ` +
    `backing off ${chance.below(8000)}ms request_id=${chance.hex(16)}`,
];
const disk: Kind = (chance) => [
  'WARNING',
  `disk usage on /dev/vd${chance.pick(['a', 'b', 'c'])} is ${80 + chance.below(19)}% (${chance.below(500)} GiB free)`,
];
const refused: Kind = (chance) => [
  'ERROR',
  `connection to ${chance.pick(SERVICES)}-db.internal:5432 failed: ${COMMON_WORD} expired after ${chance.below(30)}s ` +
    `(pool ${chance.below(20)}/20 busy, waiting ${chance.below(400)})`,
];
const unhandled: Kind = (chance) => [
  'ERROR',
  `unhandled exception in ${chance.pick(SERVICES)}.handler: ${chance.pick(FAULTS)}: '${chance.hex(8)}' ` +
    `at ${chance.pick(SERVICES)}/views.py:${chance.below(900)} request_id=${chance.hex(16)}`,
];
const outOfMemory: Kind = (chance) => [
  'CRITICAL',
  `out of memory: killed process ${chance.below(32_768)} (${chance.pick(SERVICES)}) anon-rss:${chance.below(8e6)}kB — restarting`,
];

/** Each as often as it stands here. */
const kinds: readonly Kind[] = [
  ...Array<Kind>(7).fill(request),
  ...Array<Kind>(4).fill(userRequest),
  ...Array<Kind>(2).fill(signIn),
  job,
  ...Array<Kind>(2).fill(order),
  ...Array<Kind>(3).fill(cache),
  ...Array<Kind>(2).fill(statement),
  ...Array<Kind>(2).fill(span),
  slow,
  retry,
  disk,
  refused,
  unhandled,
];
