/**
 * `stdin`: each line of a pipe as an entry. Reads no faster than the spool takes, so that the writer waits rather than
 * anything is lost. Ends with its input. At a stop the input stays open: whoever opened it closes it, or has it read on.
 */
import type { Readable } from 'node:stream';
import { decoderFor } from '../../decode/joining-decoder.ts';
import { detectEncoding, type LineDecoder, type TextEncoding } from '../../decode/lines.ts';
import type { Level } from '../../entry/level.ts';
import { createEvent } from '../../system/event.ts';
import { slices } from '../chunk.ts';
import { createChunkWriter } from '../chunk-writer.ts';
import { JOIN_QUIET_MS, UNFINISHED_BYTES_MAX } from '../limits.ts';
import { describeFileLine } from '../line-entry.ts';
import { READ_ON, type Source, type SourceContext, type SourceEnd } from '../source.ts';

export interface StdinOptions {
  readonly input: Readable;
  readonly clientId: string;
  readonly levels?: ReadonlySet<Level> | undefined;
  readonly lineBytesMax: number;
  /** Lines that belong together become one entry. */
  readonly joinsLines?: boolean | undefined;
}

/** An input that is read on goes on as it began. */
const encodings = new WeakMap<Readable, TextEncoding>();

export function stdinSource(options: StdinOptions): Source {
  return { name: 'stdin', clientId: options.clientId, run: (context) => readInput(options, context) };
}

async function readInput(options: StdinOptions, context: SourceContext): Promise<SourceEnd> {
  const { input, clientId, levels, lineBytesMax, joinsLines = false } = options;
  const { stop, clock, put, lost, chunkBytesMax } = context;
  const writer = createChunkWriter({ clientId, source: 'stdin', levels });
  const createDecoder = (encoding: TextEncoding) => decoderFor({ encoding, lineBytesMax, joinsLines, atStart: true });
  let decoder: LineDecoder | undefined;
  let cutLines = 0;
  const onLine = (line: string) => writer.add(describeFileLine(line, clock.nowMs()));
  const handOver = async () => {
    const counts = decoder?.counts;
    if (counts && counts.cutLines > cutLines) {
      const count = counts.cutLines - cutLines;
      lost({ what: `${count} lines of stdin were longer than ${lineBytesMax} bytes and were cut`, lines: 0 });
      cutLines = counts.cutLines;
    }
    await put(writer.take());
  };
  let pieceCount = 0;
  const settleWhenQuiet = async (count: number) => {
    await clock.sleep(JOIN_QUIET_MS, stop);
    if (stop.aborted || count !== pieceCount || !decoder?.holdsEntry) return;
    decoder.settle(onLine);
    await handOver();
  };
  const unfinished = new Unfinished();
  for await (const piece of piecesOf(input, stop)) {
    unfinished.add(piece);
    let bytes = piece;
    if (!decoder) {
      // It begins here: nothing of it has been let go.
      bytes = unfinished.last(Number.POSITIVE_INFINITY) ?? piece;
      const encoding = encodings.get(input) ?? detectEncoding(bytes);
      if (encoding === undefined) continue;
      encodings.set(input, encoding);
      decoder = createDecoder(encoding);
    }
    const takesBytes = joinsLines ? undefined : writer.takesBytes(clock.nowMs());
    for (const slice of slices(bytes, chunkBytesMax)) {
      decoder.feed(slice, onLine, takesBytes);
      if (writer.bytes >= chunkBytesMax) await handOver();
    }
    unfinished.letGo(decoder.pendingBytes);
    await handOver();
    if (decoder.holdsEntry) void settleWhenQuiet(++pieceCount);
  }
  if (stop.reason === READ_ON && !input.readableEnded && !input.destroyed) {
    const rest = unfinished.last(decoder?.pendingBytes ?? Number.POSITIVE_INFINITY);
    if (rest) {
      // Whoever reads on gets the line whole.
      if (rest.length > 0) input.unshift(rest);
      return { kind: 'ended' };
    }
  }
  if (!decoder) {
    // Too little to tell how it is written.
    decoder = createDecoder('utf8');
    decoder.feed(unfinished.last(Number.POSITIVE_INFINITY) ?? Buffer.alloc(0), onLine);
  }
  // What a pipe gave cannot be read again: the unfinished line goes too.
  decoder.end(onLine);
  await handOver();
  return { kind: 'ended' };
}

/** What comes, until the input ends or the stop; what was not taken by then stays in it. */
async function* piecesOf(input: Readable, stop: AbortSignal): AsyncGenerator<Buffer> {
  const changed = createEvent();
  let failure: Error | undefined;
  const onError = (error: Error) => {
    failure = error;
    changed.fire();
  };
  const signs = ['readable', 'end', 'close'];
  for (const sign of signs) input.on(sign, changed.fire);
  input.on('error', onError);
  try {
    while (!stop.aborted) {
      const piece: unknown = input.read();
      if (piece !== null) yield Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
      else if (failure) throw failure;
      else if (input.readableEnded || input.destroyed) return;
      else await changed.wait(stop);
    }
  } finally {
    for (const sign of signs) input.off(sign, changed.fire);
    input.off('error', onError);
  }
}

/** The bytes that came last, as far as no entry was made of them. */
class Unfinished {
  #pieces: Buffer[] = [];

  add(piece: Buffer): void {
    this.#pieces.push(piece);
  }

  /** Keeps so many, or none where they are too many. */
  letGo(count: number): void {
    const last = this.#pieces.at(-1);
    if (count === 0 || count > UNFINISHED_BYTES_MAX) this.#pieces = [];
    else if (last && count <= last.length) this.#pieces = [Buffer.from(last.subarray(-count))];
  }

  /** The last so many, all when there are fewer of an input's beginning; undefined: some were let go. */
  last(count: number): Buffer | undefined {
    const bytes = Buffer.concat(this.#pieces);
    if (count === Number.POSITIVE_INFINITY) return bytes;
    if (count > bytes.length) return undefined;
    return count === 0 ? Buffer.alloc(0) : bytes.subarray(-count);
  }
}
