/**
 * How far each source is safe, and the producer's name: what the agent remembers from run to run beside the spool.
 *
 * The checkpoint says up to which batch its positions go; the headers of later batches in the spool carry the rest. So a
 * batch and the positions behind it become safe in one move, and a batch may go once the checkpoint includes it.
 */
import { nanoid } from 'nanoid';
import type { Files } from '../system/files.ts';
import type { PositionChanges, PositionValue } from './chunk.ts';
import type { SpooledBatch } from './spool.ts';
import { CORRUPT_SUFFIX, statePaths } from './state-files.ts';

export type Positions = ReadonlyMap<string, PositionValue>;

export interface AgentState {
  readonly producer: string;
  /** Batches up to this sequence are in `positions`. */
  readonly sequence: number;
  /** The server answered all batches up to this one; 0: not known. */
  readonly acknowledged: number;
  readonly positions: Map<string, PositionValue>;
  /** What could not be read, for a person. */
  readonly corrupt: string | undefined;
  /** The positions were among it: what exists now is followed from its end. */
  readonly positionsLost: boolean;
}

export interface Checkpoint {
  readonly sequence: number;
  readonly acknowledged: number;
  readonly positions: Positions;
}

const VERSION = 1;

/** Reads the state, or makes it when there is none. A file that cannot be read is kept aside. */
export async function loadState(folder: string, files: Files): Promise<AgentState> {
  const paths = statePaths(folder);
  const agent = await readJson(paths.agent, files);
  const checkpoint = await readJson(paths.checkpoint, files);
  const producer = agent.kind === 'read' ? producerIn(agent.value) : undefined;
  const kept = checkpoint.kind === 'read' ? checkpointIn(checkpoint.value) : undefined;
  if (producer !== undefined && kept) return { producer, ...kept, corrupt: undefined, positionsLost: false };
  // The checkpoint is made first: alone and empty it is what a crash leaves of the making.
  const isNew = checkpoint.kind === 'missing' || (kept?.sequence === 0 && kept.positions.size === 0);
  if (agent.kind === 'missing' && isNew) return make(folder, files, undefined);

  const faults: string[] = [];
  if (agent.kind !== 'missing' && producer === undefined) faults.push(await setAside(paths.agent, files));
  if (checkpoint.kind === 'missing') faults.push(`${paths.checkpoint} is missing`);
  else if (!kept) faults.push(await setAside(paths.checkpoint, files));
  if (agent.kind === 'missing') faults.push(`${paths.agent} is missing`);
  // A new name: under the old one the server might take new batches for old ones.
  return make(folder, files, faults.join('; '), kept);
}

export async function saveCheckpoint(
  folder: string,
  files: Files,
  { sequence, acknowledged, positions }: Checkpoint,
): Promise<void> {
  const text = JSON.stringify({ version: VERSION, sequence, acknowledged, positions: Object.fromEntries(positions) });
  await files.replace(statePaths(folder).checkpoint, `${text}\n`);
}

export function applyPositions(positions: Map<string, PositionValue>, changes: PositionChanges): void {
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) positions.delete(key);
    else positions.set(key, value);
  }
}

/** The positions after every batch that is in the spool. */
export function positionsAfter(state: AgentState, held: readonly SpooledBatch[]): Map<string, PositionValue> {
  const positions = new Map(state.positions);
  for (const { header } of held) {
    if (header.sequence > state.sequence) applyPositions(positions, header.positions);
  }
  return positions;
}

async function make(folder: string, files: Files, corrupt: string | undefined, kept?: Kept): Promise<AgentState> {
  const producer = nanoid();
  const { sequence, acknowledged, positions } = kept ?? { sequence: 0, acknowledged: 0, positions: new Map() };
  await saveCheckpoint(folder, files, { sequence, acknowledged, positions });
  await files.replace(statePaths(folder).agent, `${JSON.stringify({ version: VERSION, producer })}\n`);
  return {
    producer,
    sequence,
    acknowledged,
    positions,
    corrupt,
    positionsLost: corrupt !== undefined && kept === undefined,
  };
}

async function setAside(path: string, files: Files): Promise<string> {
  await files.move(path, path + CORRUPT_SUFFIX);
  return `${path} is damaged (kept as ${path}${CORRUPT_SUFFIX})`;
}

export interface StatePeek {
  readonly producer: string | undefined;
  /** Undefined: missing or damaged. */
  readonly kept: Kept | undefined;
  /** Paths of what is there and cannot be read. */
  readonly damaged: readonly string[];
}

/** What the state says, while an agent may be running: changes nothing. */
export async function peekState(folder: string, files: Pick<Files, 'read'>): Promise<StatePeek> {
  const paths = statePaths(folder);
  const agent = await readJson(paths.agent, files);
  const checkpoint = await readJson(paths.checkpoint, files);
  const producer = agent.kind === 'read' ? producerIn(agent.value) : undefined;
  const kept = checkpoint.kind === 'read' ? checkpointIn(checkpoint.value) : undefined;
  const damaged: string[] = [];
  if (agent.kind !== 'missing' && producer === undefined) damaged.push(paths.agent);
  if (checkpoint.kind !== 'missing' && !kept) damaged.push(paths.checkpoint);
  return { producer, kept, damaged };
}

type JsonRead = { kind: 'missing' } | { kind: 'damaged' } | { kind: 'read'; value: unknown };

async function readJson(path: string, files: Pick<Files, 'read'>): Promise<JsonRead> {
  const bytes = await files.read(path);
  if (!bytes) return { kind: 'missing' };
  try {
    return { kind: 'read', value: JSON.parse(bytes.toString()) };
  } catch {
    return { kind: 'damaged' };
  }
}

function producerIn(value: unknown): string | undefined {
  if (!isObject(value) || value.version !== VERSION) return undefined;
  return typeof value.producer === 'string' && /^[\w-]{10,64}$/.test(value.producer) ? value.producer : undefined;
}

export type Kept = Pick<AgentState, 'sequence' | 'acknowledged' | 'positions'>;

function checkpointIn(value: unknown): Kept | undefined {
  if (!isObject(value) || value.version !== VERSION || !isObject(value.positions)) return undefined;
  const { sequence, acknowledged } = value;
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 0) return undefined;
  const positions = new Map<string, PositionValue>();
  for (const [key, position] of Object.entries(value.positions)) {
    if (!isObject(position) || !Object.values(position).every(isPlain)) return undefined;
    positions.set(key, position as PositionValue);
  }
  // Checkpoints of before do not have it.
  const isKnown = typeof acknowledged === 'number' && acknowledged >= 0 && acknowledged <= sequence;
  return { sequence, acknowledged: isKnown ? acknowledged : 0, positions };
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
