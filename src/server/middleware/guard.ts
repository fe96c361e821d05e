/**
 * Who a request claims to come to and from: `Host` against DNS rebinding, `Origin` against other sites' pages. Holds on
 * loopback too, where a browser of this machine would otherwise be the way in. Where tokens are asked
 * for, a request that shows one of its own is judged by that alone: an agent may address the server by any name.
 */
import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { HttpError } from '../errors.ts';

export interface GuardOptions {
  /** Names, besides addresses and localhost, under which this server may be addressed. */
  readonly allowedHosts: ReadonlySet<string>;
  readonly asksForTokens: boolean;
}

/** What of a request's head is looked at. */
export interface GuardedHead {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly authorization?: string | undefined;
}

/** Why a request is refused; undefined: it may pass. */
export type Guard = (head: GuardedHead) => HttpError | undefined;

export function createGuard({ allowedHosts, asksForTokens }: GuardOptions): Guard {
  // Hosts repeat: what was judged once is not judged again for each request.
  const judged = new Map<string, Host | undefined>();

  function judge(header: string): Host | undefined {
    const known = judged.get(header);
    if (known !== undefined || judged.has(header)) return known;
    const host = hostOf(`http://${header}`);
    const verdict = host !== undefined && isAllowed(host.name, allowedHosts) ? host : undefined;
    if (judged.size >= JUDGED_MAX) judged.clear();
    judged.set(header, verdict);
    return verdict;
  }

  return ({ host: header = '', origin, authorization }) => {
    if (judge(header) === undefined && !(asksForTokens && authorization !== undefined)) {
      const shown = header.slice(0, 100);
      return new HttpError(
        403,
        `this server is not known as "${shown}": start it with --allow-host NAME to allow that name`,
      );
    }
    if (origin !== undefined && hostOf(origin)?.nameAndPort !== hostOf(`http://${header}`)?.nameAndPort) {
      return new HttpError(403, `requests from pages of other sites are refused (Origin "${origin.slice(0, 100)}")`);
    }
    return undefined;
  };
}

export function guardHostAndOrigin(app: FastifyInstance, guard: Guard): void {
  app.addHook('onRequest', (request, _reply, done) => done(guard(request.headers)));
}

/** Host headers remembered. Beyond: all are judged anew. */
const JUDGED_MAX = 1_000;

interface Host {
  readonly name: string;
  readonly nameAndPort: string;
}

function hostOf(url: string): Host | undefined {
  const parsed = URL.parse(url);
  if (!parsed || parsed.hostname === '') return undefined;
  // `host` leaves the scheme's own port out, so a page behind an HTTPS proxy compares equal to the Host header it sends.
  return { name: parsed.hostname, nameAndPort: parsed.host };
}

/** An address cannot be rebound, so a request that names one came for it. */
function isAllowed(name: string, allowedHosts: ReadonlySet<string>): boolean {
  const bare = name.replace(/^\[|\]$/g, '').toLowerCase();
  return isIP(bare) !== 0 || bare === 'localhost' || bare.endsWith('.localhost') || allowedHosts.has(bare);
}
