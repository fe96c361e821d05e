/**
 * The two tokens of a server that others can reach: `ingest` may send and nothing else, `view` may read and triage and not
 * send. They stand in a file that only its owner reads.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode, realFiles } from '../system/files.ts';

export type Right = 'ingest' | 'view';

export interface Tokens {
  readonly ingest: string;
  readonly view: string;
}

export class TokenFileError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TokenFileError';
  }
}

/**
 * Reads the tokens, or makes them when the file does not exist (mode 0600).
 * @throws TokenFileError when the file cannot be read, written or understood
 */
export async function loadTokens(path: string): Promise<{ tokens: Tokens; isNew: boolean }> {
  try {
    return { tokens: parseTokens(await readFile(path, 'utf8'), path), isNew: false };
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw asTokenFileError(error, 'read', path);
  }
  const tokens: Tokens = { ingest: newToken(), view: newToken() };
  try {
    await realFiles.makeFolder(dirname(path));
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.writeFile(`ingest: ${tokens.ingest}\nview: ${tokens.view}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asTokenFileError(error, 'create', path);
  }
  return { tokens, isNew: true };
}

/** Which right a token gives; undefined: none. Takes the same time whatever is compared. */
export function rightOf(tokens: Tokens, given: string): Right | undefined {
  const isIngest = isSame(given, tokens.ingest);
  const isView = isSame(given, tokens.view);
  return isIngest ? 'ingest' : isView ? 'view' : undefined;
}

/** What a signed-in browser keeps: it follows from the view token and does not give it away. */
export function sessionOf(tokens: Tokens): string {
  return createHmac('sha256', tokens.view).update('logd session').digest('base64url');
}

export function isSame(given: string, known: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(known));
}

function parseTokens(text: string, path: string): Tokens {
  const find = (name: Right) => new RegExp(`^\\s*${name}\\s*:\\s*(\\S{8,})\\s*$`, 'm').exec(text)?.[1];
  const ingest = find('ingest');
  const view = find('view');
  if (ingest === undefined || view === undefined || ingest === view) {
    throw new TokenFileError(
      `token file ${path} must have the lines "ingest: <token>" and "view: <token>", two different tokens of 8 characters or more; remove the file to have it made anew`,
    );
  }
  return { ingest, view };
}

function newToken(): string {
  return randomBytes(24).toString('base64url');
}

function asTokenFileError(error: unknown, act: string, path: string): TokenFileError {
  if (error instanceof TokenFileError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new TokenFileError(`cannot ${act} the token file ${path}: ${reason}`, { cause: error });
}
