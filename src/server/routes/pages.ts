/** GET /, /view, /tickets, /clients, /sign-in and the files they are made of. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
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
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

export function pagesRoutes(
  app: FastifyInstance,
  { readAsset }: { readAsset: (name: string) => Buffer | undefined },
): void {
  const files = new Map<string, { bytes: Buffer; tag: string; type: string }>();

  function file(name: string) {
    const known = files.get(name);
    if (known) return known;
    const bytes = readAsset(`page/${name}`);
    const type = TYPES[name.split('.').at(-1) ?? ''];
    if (!bytes || type === undefined) return undefined;
    const found = { bytes, tag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 20)}"`, type };
    files.set(name, found);
    return found;
  }

  function sendFile(reply: FastifyReply, name: string, ifNoneMatch: string | undefined) {
    const found = file(name);
    if (!found) throw new HttpError(404, `there is no page file "${name.slice(0, 60)}" in this build`);
    reply
      .header('etag', found.tag)
      .header('cache-control', 'no-cache')
      .header('content-security-policy', CONTENT_SECURITY_POLICY);
    if (ifNoneMatch === found.tag) return reply.code(304).send();
    return reply.type(found.type).send(found.bytes);
  }

  for (const path of [paths.view, paths.ticketsPage, paths.clientsPage, paths.signIn]) {
    app.get(path, (request, reply) => sendFile(reply, 'index.html', request.headers['if-none-match']));
  }
  app.get<{ Params: { name: string } }>('/assets/:name', (request, reply) =>
    sendFile(reply, request.params.name, request.headers['if-none-match']),
  );
  app.get('/', (_request, reply) => reply.redirect(paths.view, 302));
}
