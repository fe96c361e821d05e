/** GET /, /view, /tickets, /clients, /sign-in and the files they are made of. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { paths } from '../../api/paths.ts';
import { HttpError } from '../errors.ts';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types logd',
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

interface PageFile {
  readonly bytes: Buffer;
  readonly packed: Buffer;
  readonly tag: string;
  readonly type: string;
}

export function pagesRoutes(
  app: FastifyInstance,
  { readAsset }: { readAsset: (name: string) => Buffer | undefined },
): void {
  const files = new Map<string, PageFile>();

  function file(name: string): PageFile | undefined {
    const known = files.get(name);
    if (known) return known;
    const bytes = readAsset(`page/${name}`);
    const type = TYPES[name.split('.').at(-1) ?? ''];
    if (!bytes || type === undefined) return undefined;
    const tag = createHash('sha256').update(bytes).digest('base64url').slice(0, 20);
    // Once for all: a slow line waits for bytes, not for this.
    const found = { bytes, packed: gzipSync(bytes, { level: 9 }), tag, type };
    files.set(name, found);
    return found;
  }

  function sendFile(request: FastifyRequest, reply: FastifyReply, name: string) {
    const found = file(name);
    if (!found) throw new HttpError(404, `there is no page file "${name.slice(0, 60)}" in this build`);
    const isPacked = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(request.headers['accept-encoding'] ?? '');
    const tag = `"${found.tag}${isPacked ? '-gzip' : ''}"`;
    reply
      .header('etag', tag)
      .header('cache-control', 'no-cache')
      .header('vary', 'accept-encoding')
      .header('content-security-policy', CONTENT_SECURITY_POLICY);
    if (request.headers['if-none-match'] === tag) return reply.code(304).send();
    if (isPacked) reply.header('content-encoding', 'gzip');
    return reply.type(found.type).send(isPacked ? found.packed : found.bytes);
  }

  for (const path of [paths.view, paths.ticketsPage, paths.clientsPage, paths.signIn]) {
    app.get(path, (request, reply) => sendFile(request, reply, `${path.slice(1)}.html`));
  }
  app.get<{ Params: { name: string } }>('/assets/:name', (request, reply) =>
    sendFile(request, reply, request.params.name),
  );
  app.get('/', (_request, reply) => reply.redirect(paths.view, 302));
}
