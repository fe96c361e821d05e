/**
 * A file to import: who it is, told by its content, and its bytes, unpacked on the way when they are gzip or zstd.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { hasCode } from '../../system/files.ts';
import { CommandError } from '../exit.ts';

export interface ImportInput {
  /** As a person named it. */
  readonly name: string;
  /** The path of a file; undefined: stdin, or another pipe. */
  readonly path: string | undefined;
  /** As it lies there, packed or not; undefined: not known. */
  readonly byteCount: number | undefined;
  /**
   * SHA-256 of the whole content, packed or not: any other file is another one. Undefined for a pipe, which cannot be
   * read twice.
   */
  fingerprint(onRead: (byteCount: number) => void, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Its bytes, unpacked. Ends where the file ended when it was opened.
   * @param onRead is told of bytes as they lie there
   * @throws CommandError
   */
  read(onRead: (byteCount: number) => void, signal: AbortSignal): AsyncIterable<Buffer>;
}

const PIECE_BYTES = 1024 * 1024;
const STDIN_NAME = '-';

/** @throws CommandError when it cannot be read */
export async function openInput(name: string, stdin: Readable): Promise<ImportInput> {
  if (name === STDIN_NAME) return pipeInput('stdin', () => stdin);
  const found = await stat(name).catch((error: unknown) => {
    throw unreadable(name, error);
  });
  if (found.isDirectory()) throw new CommandError(`cannot import ${name}: it is a folder; name the files in it`);
  if (!found.isFile()) return pipeInput(name, () => createReadStream(name));
  return fileInput(name, found.size);
}

function fileInput(path: string, byteCount: number): ImportInput {
  const open = (): AsyncIterable<Buffer> =>
    // A file that grows meanwhile is imported as it was.
    byteCount === 0 ? nothing() : createReadStream(path, { end: byteCount - 1, highWaterMark: PIECE_BYTES });
  return {
    name: path,
    path,
    byteCount,
    async fingerprint(onRead, signal) {
      const hash = createHash('sha256');
      for await (const piece of told(path, open(), onRead, signal)) hash.update(piece);
      return hash.digest('hex');
    },
    read: (onRead, signal) => unpacked(path, told(path, open(), onRead, signal)),
  };
}

function pipeInput(name: string, open: () => Readable): ImportInput {
  return {
    name,
    path: undefined,
    byteCount: undefined,
    fingerprint: async () => undefined,
    read: (onRead, signal) => unpacked(name, told(name, endedBy(open(), signal), onRead, signal)),
  };
}

/** A pipe in which nothing comes would wait for ever. */
function endedBy(stream: Readable, signal: AbortSignal): Readable {
  signal.addEventListener('abort', () => stream.destroy(), { once: true });
  return stream;
}

async function* told(
  name: string,
  pieces: AsyncIterable<Buffer>,
  onRead: (byteCount: number) => void,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    for await (const piece of pieces) {
      if (signal.aborted) return;
      onRead(piece.length);
      yield piece;
    }
  } catch (error) {
    // A pipe that is destroyed for the signal ends with an error of its own.
    if (!signal.aborted) throw unreadable(name, error);
  }
}

/** What a packed file begins with: gzip (RFC 1952 §2.3.1), zstd (RFC 8878 §3.1.1). */
const PACKINGS = [
  { magic: Buffer.from([0x1f, 0x8b]), unpack: () => createGunzip({ chunkSize: PIECE_BYTES }), name: 'gzip' },
  {
    magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    unpack: () => createZstdDecompress({ chunkSize: PIECE_BYTES }),
    name: 'zstd',
  },
];
const MAGIC_BYTES_MAX = 4;

async function* unpacked(name: string, pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < MAGIC_BYTES_MAX) {
    const next = await pieces.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const packing = PACKINGS.find(({ magic }) => magic.equals(head.subarray(0, magic.length)));
  if (!packing) {
    if (head.length > 0) yield head;
    yield* pieces;
    return;
  }
  const unpacker = packing.unpack();
  const source = Readable.from(joined(head, pieces), { objectMode: true });
  source.on('error', (error) => unpacker.destroy(error));
  source.pipe(unpacker);
  try {
    for await (const piece of unpacker as AsyncIterable<Buffer>) yield piece;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const reason = hasCode(error, 'Z_BUF_ERROR') ? 'it is cut off' : 'it is damaged';
    throw new CommandError(`cannot unpack ${name} (${packing.name}): ${reason}`, undefined, { cause: error });
  } finally {
    source.destroy();
    unpacker.destroy();
  }
}

async function* joined(head: Buffer, pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* pieces;
}

async function* nothing(): AsyncGenerator<Buffer> {}

function unreadable(name: string, error: unknown): CommandError {
  const reason = hasCode(error, 'ENOENT')
    ? 'there is no such file'
    : hasCode(error, 'EACCES', 'EPERM')
      ? 'this user may not read it'
      : error instanceof Error
        ? error.message
        : String(error);
  return new CommandError(`cannot import ${name}: ${reason}`, undefined, { cause: error });
}
