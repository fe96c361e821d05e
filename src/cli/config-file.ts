/**
 * The file of `--config`: YAML, a section for each command, the options' names as keys; and under `ship:` a list of
 * `sources:`, each with options of its own. Every fault names the file and the line.
 */
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, type Option } from 'commander';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { CommandError, EXIT_USAGE } from './exit.ts';

export interface ConfigFile {
  readonly path: string;
  /** There may be; another one is a slip. Undefined: they have been looked at. */
  readonly sections?: readonly string[] | undefined;
  /** Options that each item of `sources:` may have; undefined: the command has no such list. */
  readonly sourceOptions?: readonly string[] | undefined;
}

/** An item of the list of `sources:`. */
export interface ListedSource {
  /** `logd.yaml:7` */
  readonly where: string;
  /** Its options by their attributes. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** The attribute that the list of `sources:` becomes. */
const SOURCES_ATTRIBUTE = 'sources';

type Where = (offset: number) => string;
type Fault = (offset: number, reason: string) => CommandError;

/**
 * Takes the values for options that neither the command line nor the environment gave.
 * @throws CommandError naming file and line
 */
export function applyConfigFile(command: Command, { path, sections, sourceOptions }: ConfigFile): void {
  const { section, where, fault } = readSection(path, command.name(), sections);
  if (!section) return;
  for (const { key, value } of section.items) {
    const { name, offset } = nameOf(key as Node);
    if (name === SOURCES_ATTRIBUTE && sourceOptions) {
      const sources = readSources(command, value as Node, { offset, sourceOptions, where, fault });
      command.setOptionValueWithSource(SOURCES_ATTRIBUTE, sources, 'config');
      continue;
    }
    const known = findOption(command, name);
    if (!known) {
      throw fault(offset, `"${name}" is no option of "logd ${command.name()}": see logd ${command.name()} --help`);
    }
    const source = command.getOptionValueSource(known.attributeName());
    if (source === 'cli' || source === 'env') continue;
    command.setOptionValueWithSource(
      known.attributeName(),
      readValue(known, value as Node, { name, offset, fault }),
      'config',
    );
  }
}

function readSection(
  path: string,
  name: string,
  sections: readonly string[] | undefined,
): { section?: YAMLMap; where: Where; fault: Fault } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`cannot read the configuration ${path}: ${reason}`, EXIT_USAGE, { cause: error });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const where: Where = (offset) => `${path}:${lines.linePos(offset).line}`;
  const fault: Fault = (offset, reason) => new CommandError(`${where(offset)}: ${reason}`, EXIT_USAGE);
  const syntax = document.errors[0];
  if (syntax) throw fault(syntax.pos[0], syntax.message);
  if (document.contents === null) return { where, fault };
  if (!isMap(document.contents)) throw fault(0, 'expected sections such as "serve:" or "ship:"');
  for (const { key } of document.contents.items) {
    const section = nameOf(key as Node);
    if (sections && !sections.includes(section.name))
      throw fault(section.offset, `"${section.name}:" is no section: there may be ${sections.join(', ')}`);
  }
  const section = document.contents.get(name, true) as Node | undefined;
  if (section === undefined || (isScalar(section) && section.value === null)) return { where, fault };
  if (!isMap(section)) throw fault(section.range?.[0] ?? 0, `"${name}:" must hold options and their values`);
  return { section, where, fault };
}

function readSources(
  command: Command,
  list: Node,
  {
    offset,
    sourceOptions,
    where,
    fault,
  }: { offset: number; sourceOptions: readonly string[]; where: Where; fault: Fault },
): ListedSource[] {
  const example = 'such as "- {source: file, path: /var/log/app.log}"';
  if (!isSeq(list)) throw fault(offset, `"sources" must be a list, ${example}`);
  return list.items.map((item) => {
    const at = (item as Node).range?.[0] ?? offset;
    if (!isMap(item)) throw fault(at, `a source must hold its options, ${example}`);
    const values: Record<string, unknown> = {};
    for (const { key, value } of item.items) {
      const named = nameOf(key as Node);
      const known = sourceOptions.includes(named.name) ? findOption(command, named.name) : undefined;
      if (!known) {
        throw fault(named.offset, `"${named.name}" is no option of a source: there may be ${sourceOptions.join(', ')}`);
      }
      values[known.attributeName()] = readValue(known, value as Node, { ...named, fault });
    }
    if (values.source === undefined) throw fault(at, `a source must say which: "source:", ${example}`);
    return { where: where(at), options: values };
  });
}

function findOption(command: Command, name: string): Option | undefined {
  return command.options.find((candidate) => candidate.name() === name && name !== 'config');
}

function nameOf(key: Node): { name: string; offset: number } {
  return { name: String(isScalar(key) ? key.value : key), offset: key.range?.[0] ?? 0 };
}

/** Several values where the option may be given several times. */
function readValue(
  known: Option,
  value: Node,
  { name, offset, fault }: { name: string; offset: number; fault: Fault },
): unknown {
  let parsed: unknown;
  for (const item of isSeq(value) ? value.items : [value]) {
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
  return parsed;
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
