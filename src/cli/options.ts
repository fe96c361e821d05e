/**
 * What the commands' options share: each can also come from the environment as LOGD_<OPTION> and from a file of
 * `--config` (see config-file.ts); the order is flag, environment, file, default. Values are parsed once, here.
 */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option } from 'commander';
import { CommandError, EXIT_USAGE } from './exit.ts';

export const DEFAULT_SERVER = 'http://127.0.0.1:5000';

/** An option that the environment can give too: `--spool-size` as LOGD_SPOOL_SIZE. */
export function option(flags: string, description: string): Option {
  const made = new Option(flags, description);
  return made.env(`LOGD_${made.name().toUpperCase().replaceAll('-', '_')}`);
}

export function serverOption(): Option {
  return option('--server <url>', 'address of the server').default(DEFAULT_SERVER).argParser(parseServerUrl);
}

export function tokenFileOption(what: 'ingest' | 'view'): Option {
  return option(
    '--token-file <file>',
    `file with the server's tokens, of which "${what}:" is used, or with that token alone; LOGD_TOKEN gives the token itself`,
  );
}

export type LogFormat = 'text' | 'json';

/** How a command that runs on says what it does. */
export function logFormatOption(): Option {
  return option('--log-format <format>', 'its own diagnostics on stderr: text for people, json for programs')
    .choices(['text', 'json'])
    .default('text');
}

/** The address of a server: http or https, without anything behind the host but a path of a proxy. */
export function parseServerUrl(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new InvalidArgumentError('it must be an address such as http://logs.example.org:5000');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^-?\d+$/.test(text.trim()) || number < min || number > max) {
      throw new InvalidArgumentError(`it must be a whole number from ${min} to ${max}`);
    }
    return number;
  };
}

/** A number that may have a fraction, not below zero. */
export function amount(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number < 0)
    throw new InvalidArgumentError('it must be a number, 0 or more');
  return number;
}

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** A size in bytes: `512MB`, `1GB`, `64KiB`, `1000000`; K, M, G and T are powers of 1024. */
export function sizeInBytes(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim()) ?? [];
  const factor = SIZE_UNITS[unit.toUpperCase()];
  if (number === undefined || factor === undefined)
    throw new InvalidArgumentError('it must be a size such as 512MB or 1GB');
  return Math.floor(Number(number) * factor);
}

/** A size as sizeInBytes takes it, within bounds. */
export function sizeWithin(min: number, max: number): (text: string) => number {
  return (text) => {
    const bytes = sizeInBytes(text);
    if (bytes < min) throw new InvalidArgumentError(`it must be at least ${min} bytes`);
    if (bytes > max) throw new InvalidArgumentError(`it must be at most ${max} bytes`);
    return bytes;
  };
}

/** For options that may be given several times, each one value. */
export function repeated(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** The token a command shows to the server: LOGD_TOKEN, or out of a file; never an argument, which others could read. */
export function readToken(
  what: 'ingest' | 'view',
  tokenFile: string | undefined,
  env: NodeJS.ProcessEnv,
): string | undefined {
  if (tokenFile === undefined) return env.LOGD_TOKEN?.trim() || undefined;
  let text: string;
  try {
    text = readFileSync(tokenFile, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`cannot read the token file ${tokenFile}: ${reason}`, EXIT_USAGE, { cause: error });
  }
  const named = new RegExp(`^\\s*${what}\\s*:\\s*(\\S+)\\s*$`, 'm').exec(text)?.[1];
  const alone = /^\s*([^\s:]+)\s*$/.exec(text)?.[1];
  const token = named ?? alone;
  if (token === undefined) {
    throw new CommandError(
      `the token file ${tokenFile} has neither a line "${what}: <token>" nor a token alone`,
      EXIT_USAGE,
    );
  }
  return token;
}

export function certificateOption(): Option {
  return option('--ca <file>', 'certificate (PEM) to trust beside the usual ones, for a server with its own');
}

/** The certificates of --ca. */
export function readCertificate(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`cannot read the certificate ${path}: ${reason}`, EXIT_USAGE, { cause: error });
  }
}
