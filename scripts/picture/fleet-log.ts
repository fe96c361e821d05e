/**
 * An hour of a small fleet's logs, made up, the same for the same end: quiet, then a database that goes away for a while.
 */
import { createChance } from '../bench/random.ts';

const HOUR_MS = 3_600_000;
const ENTRIES = 1_800;
const CLIENTS = ['web-1', 'web-2', 'api-1', 'api-2', 'db-1', 'mail-1'];

type Made = readonly [level: string, message: string];

/** Entries whose last one is a moment before `untilMs`. */
export function fleetLog(untilMs: number): object[] {
  const { below, pick } = createChance(7);
  const oftenIs = (percent: number) => below(100) < percent;
  const quiet: readonly (() => Made)[] = [
    () => ['INFO', `GET /users/${below(900)} 200 in ${4 + below(60)} ms`],
    () => ['INFO', `GET /orders?page=${below(9)} 200 in ${9 + below(90)} ms`],
    () => ['INFO', `POST /cart 201 in ${12 + below(40)} ms`],
    () => ['DEBUG', `cache hit user:${below(9_000)}`],
    () => ['INFO', `accepted publickey for deploy from 10.0.4.${below(250)} port ${40_000 + below(20_000)}`],
  ];
  const slow = (): Made => [
    'WARNING',
    `slow query: ${1_200 + below(3_000)} ms, SELECT * FROM orders WHERE state = 'open'`,
  ];
  const broken: readonly (() => Made)[] = [
    () => ['ERROR', `connection reset by peer: db-1:5432, retry ${1 + below(5)} of 5`],
    () => ['ERROR', `POST /cart 500: order ${10_000 + below(80_000)} could not be saved`],
    () => ['CRITICAL', 'connection pool exhausted: 50 of 50 in use, 212 requests wait'],
    () => ['WARNING', `health check of db-1 took ${2_000 + below(3_000)} ms`],
  ];
  return Array.from({ length: ENTRIES }, (_, index) => {
    const share = index / ENTRIES;
    const isBroken = (share > 0.62 && share < 0.7 && oftenIs(50)) || (share > 0.97 && oftenIs(25));
    const isSlow = !isBroken && oftenIs(4);
    const [level, message] = isSlow ? slow() : pick(isBroken ? broken : quiet)();
    const timestamp = new Date(
      untilMs - HOUR_MS * (1 - share) + below(HOUR_MS / ENTRIES) - HOUR_MS / ENTRIES,
    ).toISOString();
    const client_id = isBroken ? pick(['api-1', 'api-2', 'db-1']) : pick(CLIENTS);
    return {
      level,
      message,
      client_id,
      timestamp,
      source: 'file',
      fields: { pid: 400 + below(9_000), region: pick(['eu-1', 'eu-2']) },
    };
  });
}
