/**
 * Rights: each route says which it needs; a request shows a Bearer token or a signed-in browser's cookie.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { paths } from '../../api/paths.ts';
import { readObject } from '../body.ts';
import { HttpError } from '../errors.ts';
import { isSame, type Right, rightOf, sessionOf, type Tokens } from '../tokens.ts';

const BEARER = /^Bearer +(\S+)$/i;
const COOKIE = 'logd_session';
const COOKIE_DAYS = 30;
const OPEN_PATHS: ReadonlySet<string> = new Set([paths.health, paths.ready, paths.openApi, paths.signIn]);
const INGEST_PATHS: ReadonlySet<string> = new Set([paths.log, paths.logs]);
const PAGES: ReadonlySet<string> = new Set(['/', paths.view, paths.ticketsPage, paths.clientsPage]);

/** @param tokens undefined: everybody may do everything */
export function requireRights(app: FastifyInstance, tokens: Tokens | undefined): void {
  if (!tokens) {
    app.post(paths.signIn, async (_request, reply) => reply.code(204).send());
    return;
  }
  const session = sessionOf(tokens);

  app.addHook('onRequest', async (request, reply) => {
    const path = request.routeOptions.url ?? '';
    if (OPEN_PATHS.has(path) || path.startsWith('/assets/')) return;
    const needed: Right = INGEST_PATHS.has(path) ? 'ingest' : 'view';
    const shown = rightShown(request, tokens, session);
    if (shown === needed) return;
    if (shown !== undefined) {
      throw new HttpError(
        403,
        `this token may ${shown === 'ingest' ? 'only send logs' : 'read and triage, not send logs'}: use the ${needed} token`,
      );
    }
    if (PAGES.has(path) && request.method === 'GET') {
      return reply.redirect(`${paths.signIn}?next=${encodeURIComponent(request.url)}`, 303);
    }
    reply.header('www-authenticate', 'Bearer realm="logd"');
    if (request.headers.authorization !== undefined) {
      throw new HttpError(401, `this token is not one of the server's: use the ${needed} token of its token file`);
    }
    throw new HttpError(
      401,
      `a token is needed: send "Authorization: Bearer <${needed} token>"${needed === 'view' ? ' or sign in at /sign-in' : ''}`,
    );
  });

  app.post(paths.signIn, async (request, reply) => {
    const { token } = readObject(request);
    if (typeof token !== 'string' || rightOf(tokens, token.trim()) !== 'view') {
      throw new HttpError(401, 'this is not the view token: it stands in the server\'s token file behind "view:"');
    }
    setCookie(reply, session, isSecure(request));
    return reply.code(204).send();
  });
}

/** Whether a request that shows that Authorization may send entries. */
export function mayIngest(tokens: Tokens | undefined, authorization: string | undefined): boolean {
  return tokens === undefined || bearerRight(authorization, tokens) === 'ingest';
}

function rightShown({ headers }: FastifyRequest, tokens: Tokens, session: string): Right | undefined {
  if (BEARER.test(headers.authorization ?? '')) return bearerRight(headers.authorization, tokens);
  const cookie = new RegExp(`(?:^|;)\\s*${COOKIE}=([^;\\s]+)`).exec(headers.cookie ?? '')?.[1];
  return cookie !== undefined && isSame(cookie, session) ? 'view' : undefined;
}

function bearerRight(authorization: string | undefined, tokens: Tokens): Right | undefined {
  const token = BEARER.exec(authorization ?? '')?.[1];
  return token === undefined ? undefined : rightOf(tokens, token);
}

function setCookie(reply: FastifyReply, session: string, secure: boolean): void {
  const parts = [`${COOKIE}=${session}`, 'Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${COOKIE_DAYS * 86_400}`];
  if (secure) parts.push('Secure');
  reply.header('set-cookie', parts.join('; '));
}

function isSecure(request: FastifyRequest): boolean {
  return request.protocol === 'https';
}
