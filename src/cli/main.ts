/**
 * The command line: which commands there are, and how each of them ends.
 */
import { Command, CommanderError } from 'commander';
import { hasCode } from '../system/files.ts';
import type { Report, Reporter } from '../system/reporter.ts';
import { version } from '../system/version.ts';
import { applyConfigFile } from './config-file.ts';
import { CommandError, EXIT_FAILURE, EXIT_OK, EXIT_USAGE, Reload } from './exit.ts';
import { type LogFormat, logFormatOption, option } from './options.ts';
import { SOURCE_OPTIONS } from './source-options.ts';
import { closeStandardInput } from './standard-input.ts';

/** A command is loaded when it is asked for: an agent needs no web server, and a version neither. */
const COMMANDS: Readonly<Record<string, () => Promise<(reporter: Reporter) => Command>>> = {
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  ship: async () => (await import('./commands/ship.ts')).shipCommand,
  spool: async () => (await import('./commands/spool.ts')).spoolCommand,
  tail: async () => (await import('./commands/tail.ts')).tailCommand,
  search: async () => (await import('./commands/search.ts')).searchCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  import: async () => (await import('./commands/import.ts')).importCommand,
};

// Whoever reads what is printed may stop: `logd --help | head`.
process.stdout.on('error', (error) => {
  if (hasCode(error, 'EPIPE')) return;
  process.stderr.write(`logd: cannot write the output: ${error.message}\n`);
  process.exit(EXIT_FAILURE);
});

// Not awaited here: the executable's program is CommonJS, which has no await at the top.
run(process.argv).then((exitCode) => {
  process.exitCode = exitCode;
  closeStandardInput();
});

async function run(argv: readonly string[]): Promise<number> {
  const program = new Command('logd')
    .description('the logs of your machines in one place: in the browser, in the terminal, in plain text')
    .version(version, '-V, --version')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(`logd: ${withQueryHint(text.replace(/^error: /, '').replace(/\n\(/, ' ('), argv)}`),
    });
  for (const create of await Promise.all(namesToLoad(argv[2] ?? '').map((name) => COMMANDS[name]?.()))) {
    if (!create) continue;
    const command = create(printReport);
    command.copyInheritedSettings(program);
    command.addOption(option('--config <file>', "YAML file with a section of this command's name and its options"));
    if (LASTING_COMMANDS.includes(command.name())) command.addOption(logFormatOption());
    command.version(version, '-V, --version', 'print the version');
    command.hook('preAction', (_, acting) => {
      const { config } = acting.opts<{ config?: string }>();
      const sourceOptions = acting.name() === 'ship' ? SOURCE_OPTIONS : undefined;
      if (config !== undefined) {
        applyConfigFile(acting, { path: config, sections: Object.keys(COMMANDS), sourceOptions });
      }
      logFormat = acting.opts<{ logFormat?: LogFormat }>().logFormat ?? 'text';
    });
    program.addCommand(command);
  }
  try {
    await program.parseAsync(argv);
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT_OK;
  } catch (error) {
    if (error instanceof Reload) return run(argv);
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    if (error instanceof CommandError) {
      process.stderr.write(`logd: ${error.message}\n`);
      return error.exitCode;
    }
    process.stderr.write(`logd: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return EXIT_FAILURE;
  }
}

/** A query's "-word" looks like an option to a command line. */
function withQueryHint(text: string, argv: readonly string[]): string {
  const takesQuery = ['search', 'tail', 'export'].includes(argv[2] ?? '');
  if (!takesQuery || !text.startsWith('unknown option')) return text;
  return `${text.trimEnd()} (a query that begins with a dash goes behind --, as in: logd ${argv[2]} -- -word)\n`;
}

/** Only the command that is called; all of them where they may be listed or suggested. */
function namesToLoad(first: string): readonly string[] {
  if (first === '--version' || first === '-V') return [];
  return Object.hasOwn(COMMANDS, first) ? [first] : Object.keys(COMMANDS);
}

/** Those whose diagnostics other programs gather. */
const LASTING_COMMANDS: readonly string[] = ['serve', 'ship'];
let logFormat: LogFormat = 'text';

/** Diagnostics go to stderr, one line each: for people, or as JSON for programs. */
function printReport({ severity, event, message }: Report): void {
  if (logFormat === 'json') {
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), severity, event, message })}\n`);
    return;
  }
  process.stderr.write(`logd: ${severity === 'info' ? '' : `${severity}: `}${message}\n`);
}
