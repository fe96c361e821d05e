/** `logd serve`: flags → a server that runs until it is told to stop. */
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { ListenError, startServer } from '../../server/server.ts';
import { loadTokens, TokenFileError, type Tokens } from '../../server/tokens.ts';
import { openFileStore } from '../../store/file/file-store.ts';
import { RETAIN_BYTES_MIN, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN } from '../../store/file/limits.ts';
import { StoreError } from '../../store/store.ts';
import { readAsset } from '../../system/assets.ts';
import { realClock } from '../../system/clock.ts';
import type { Reporter } from '../../system/reporter.ts';
import { CommandError, EXIT_USAGE, stopSignal } from '../exit.ts';
import { option, repeated, sizeWithin, wholeNumber } from '../options.ts';

interface Flags {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly store: string;
  readonly fsync: 'group' | 'interval' | 'off';
  readonly segmentSize?: number;
  readonly retainDays?: number;
  readonly retainSize?: number;
  readonly tokenFile?: string;
  readonly auth: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly clientRate?: number;
  readonly allowHost?: readonly string[];
}

/** Off loopback, unless --client-rate says otherwise. */
const CLIENT_RATE_OFF_LOOPBACK = 50_000;

const EXAMPLES = `
Examples:
  logd serve                                     on this machine only, http://127.0.0.1:5000/view
  logd serve --host 0.0.0.0 --data /var/lib/logd for the fleet: makes tokens and says how to use them
  logd serve --retain-days 30 --retain-size 50GB what is older, or more, is given up
  logd serve --port 0                            on a free port, which it prints`;

export function serveCommand(reporter: Reporter): Command {
  return new Command('serve')
    .description('the central server: takes logs in, keeps them, shows them live')
    .addOption(option('--host <address>', 'address to listen on').default('127.0.0.1'))
    .addOption(
      option('--port <number>', 'port to listen on, 0: a free one').default(5000).argParser(wholeNumber(0, 65_535)),
    )
    .addOption(option('--data <folder>', 'folder that keeps the logs').default('./logd-data'))
    .addOption(option('--store <kind>', 'where entries are kept: "file", in the data folder').default('file'))
    .addOption(
      option(
        '--fsync <when>',
        'group: flushed to disk before every answer; interval: once a second, a power loss can take the last second that was answered; off: whenever the system likes, a power loss can take more (a crash of logd alone takes nothing in either case)',
      )
        .choices(['group', 'interval', 'off'])
        .default('group'),
    )
    .addOption(
      option(
        '--segment-size <size>',
        'app.log is put aside and packed when it reaches this, such as 128MB (default: a fortieth of what is packed, at least 8 MB, at most 128 MB)',
      ).argParser(sizeWithin(SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX)),
    )
    .addOption(
      option(
        '--retain-days <number>',
        'give up entries received longer ago, but for pinned ones and tickets (default: keep all)',
      ).argParser(wholeNumber(1, 100_000)),
    )
    .addOption(
      option(
        '--retain-size <size>',
        'give up the oldest entries when the data folder is larger, such as 50GB, but for pinned ones and tickets (default: keep all)',
      ).argParser(sizeWithin(RETAIN_BYTES_MIN, Number.MAX_SAFE_INTEGER)),
    )
    .addOption(option('--token-file <file>', 'file with the tokens, made when missing (default: <data>/tokens)'))
    .option('--no-auth', 'ask nobody for a token, also off loopback: whoever reaches the port may read and write')
    .addOption(option('--tls-cert <file>', 'certificate (PEM): the port then speaks HTTPS'))
    .addOption(option('--tls-key <file>', 'private key of the certificate (PEM)'))
    .addOption(
      option(
        '--client-rate <number>',
        `entries per second and client, 0: no limit (default: 0 on loopback, else ${CLIENT_RATE_OFF_LOOPBACK})`,
      ).argParser(wholeNumber(0, 1_000_000_000)),
    )
    .addOption(
      option(
        '--allow-host <name>',
        'a further name under which browsers may address this server, such as logs.example.org; repeatable',
      ).argParser(repeated),
    )
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => serve(flags, reporter));
}

async function serve(flags: Flags, reporter: Reporter): Promise<void> {
  const stop = stopSignal('SIGINT', 'SIGTERM');
  if (flags.store !== 'file') {
    throw new CommandError(`--store "${flags.store}" is not known in this version: it takes "file"`, EXIT_USAGE);
  }
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined)) {
    throw new CommandError('--tls-cert and --tls-key go together: give both', EXIT_USAGE);
  }
  const isLocal = isLoopback(flags.host);
  let tokens: Tokens | undefined;
  let hasNewTokens = false;
  try {
    if (flags.auth && (!isLocal || flags.tokenFile !== undefined)) {
      const path = flags.tokenFile ?? join(flags.data, 'tokens');
      const loaded = await loadTokens(path);
      tokens = loaded.tokens;
      hasNewTokens = loaded.isNew;
      reporter({
        severity: 'info',
        event: 'tokens',
        message: `${loaded.isNew ? 'made tokens in' : 'asking for the tokens in'} ${path}`,
      });
    }
    if (!tokens && !isLocal) {
      reporter({
        severity: 'warning',
        event: 'no-auth',
        message: `NO TOKEN IS ASKED FOR on ${flags.host}: whoever reaches port ${flags.port} may read, change and send logs`,
      });
    }
    const server = await startServer({
      host: flags.host,
      port: flags.port,
      tokens,
      allowHosts: flags.allowHost ?? [],
      clientRate: flags.clientRate ?? (isLocal ? 0 : CLIENT_RATE_OFF_LOOPBACK),
      tls:
        flags.tlsCert === undefined || flags.tlsKey === undefined
          ? undefined
          : { certFile: flags.tlsCert, keyFile: flags.tlsKey },
      clock: realClock,
      reporter,
      readAsset,
      openStore: (listener) =>
        openFileStore({
          folder: flags.data,
          fsync: flags.fsync,
          segmentBytes: flags.segmentSize,
          retain: { days: flags.retainDays, bytes: flags.retainSize },
          listener,
          reporter,
          clock: realClock,
        }),
    });
    process.stdout.write(`logd listening on ${server.url}\n`);
    // Once, when they are made: what is printed at every start ends in other logs.
    if (tokens && hasNewTokens) sayHowToConnect(reachableUrl(server.url), tokens, reporter);
    if (!stop.aborted)
      await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    await server.close();
  } catch (error) {
    if (error instanceof StoreError || error instanceof ListenError || error instanceof TokenFileError) {
      throw new CommandError(error.message, undefined, { cause: error });
    }
    throw error;
  }
}

function sayHowToConnect(url: string, tokens: Tokens, reporter: Reporter): void {
  const say = (message: string) => reporter({ severity: 'info', event: 'how-to-connect', message });
  say(`agents:  LOGD_TOKEN=${tokens.ingest} logd ship --server ${url} --source syslog`);
  say(`people:  ${url}/view, and sign in with ${tokens.view}`);
}

/** The server's address as other machines reach it: one of this machine's, where it listens on all of them. */
function reachableUrl(url: string): string {
  const parsed = new URL(url);
  if (parsed.hostname !== '0.0.0.0' && parsed.hostname !== '[::]') return url;
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  parsed.hostname = addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? hostname();
  return parsed.origin;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
