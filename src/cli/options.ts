/**
 * What the commands' options share: each can also come from the environment as LOGD_<OPTION> and from a file of
 * `--config`; the order is flag, environment, file, default. Values are parsed once, here.
 */
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
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

/**
 * Takes the values of `--config FILE` for options that neither the command line nor the environment gave. The section is
 * the command's name, the keys are the options' names.
 * @param sections there may be; another one is a slip
 * @throws CommandError naming file and line
 */
export function applyConfigFile(command: Command, path: string, sections: readonly string[]): void {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`cannot read the configuration ${path}: ${reason}`, EXIT_USAGE, { cause: error });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fault = (offset: number, reason: string) =>
    new CommandError(`${path}:${lines.linePos(offset).line}: ${reason}`, EXIT_USAGE);
  const syntax = document.errors[0];
  if (syntax) throw fault(syntax.pos[0], syntax.message);
  if (document.contents === null) return;
  if (!isMap(document.contents)) throw fault(0, 'expected sections such as "serve:" or "ship:"');
  for (const { key } of document.contents.items) {
    const name = String(isScalar(key) ? key.value : key);
    if (!sections.includes(name))
      throw fault((key as Node).range?.[0] ?? 0, `"${name}:" is no section: there may be ${sections.join(', ')}`);
  }
  const section = document.contents.get(command.name(), true) as Node | undefined;
  if (section === undefined || (isScalar(section) && section.value === null)) return;
  if (!isMap(section)) throw fault(section.range?.[0] ?? 0, `"${command.name()}:" must hold options and their values`);
  for (const { key, value } of section.items) {
    const offset = (key as Node).range?.[0] ?? 0;
    const name = String(isScalar(key) ? key.value : key);
    const known = command.options.find((candidate) => candidate.name() === name && name !== 'config');
    if (!known)
      throw fault(offset, `"${name}" is no option of "logd ${command.name()}": see logd ${command.name()} --help`);
    const source = command.getOptionValueSource(known.attributeName());
    if (source === 'cli' || source === 'env') continue;
    const values = isSeq(value) ? value.items : [value];
    let parsed: unknown;
    for (const item of values) {
      const given = isScalar(item) ? item.value : undefined;
      if (given === undefined || given === null) throw fault(offset, `"${name}" must be a plain value`);
      try {
        parsed = parseValue(known, String(given), parsed);
      } catch (error) {
        if (error instanceof InvalidArgumentError)
          throw fault(offset, `"${name}": ${error.message}, got "${String(given)}"`);
        throw error;
      }
    }
    command.setOptionValueWithSource(known.attributeName(), parsed, 'config');
  }
}

function parseValue(known: Option, text: string, before: unknown): unknown {
  if (known.isBoolean()) {
    if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('it must be true or false');
    return known.negate ? text !== 'true' : text === 'true';
  }
  if (known.argChoices && !known.argChoices.includes(text)) {
    throw new InvalidArgumentError(`it must be one of ${known.argChoices.join(', ')}`);
  }
  // The types of commander leave `before` open, as each parser of a repeated option knows its own.
  return known.parseArg ? known.parseArg(text, before as never) : text;
}
