/**
 * Who a request claims to come to and from: `Host` against DNS rebinding, `Origin` against other sites' pages. Holds on
 * loopback too, where a browser of this machine would otherwise be the way in.
 */
import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { HttpError } from '../errors.ts';

/** @param allowedHosts names, besides addresses and localhost, under which this server may be addressed */
export function guardHostAndOrigin(app: FastifyInstance, allowedHosts: ReadonlySet<string>): void {
  app.addHook('onRequest', async (request) => {
    const host = hostOf(`http://${request.headers.host ?? ''}`);
    if (host === undefined || !isAllowed(host.name, allowedHosts)) {
      const shown = (request.headers.host ?? '').slice(0, 100);
      throw new HttpError(
        403,
        `this server is not known as "${shown}": start it with --allow-host NAME to allow that name`,
      );
    }
    const { origin } = request.headers;
    if (origin === undefined) return;
    if (hostOf(origin)?.nameAndPort !== host.nameAndPort) {
      throw new HttpError(403, `requests from pages of other sites are refused (Origin "${origin.slice(0, 100)}")`);
    }
  });
}

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
