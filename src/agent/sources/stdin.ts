/**
 * `stdin`: each line of a pipe as an entry. Reads no faster than the spool takes, so that the writer waits rather than
 * anything is lost. Ends with its input.
 */
import type { Readable } from 'node:stream';
import { decoderFor } from '../../decode/joining-decoder.ts';
import { detectEncoding, type LineDecoder } from '../../decode/lines.ts';
import type { Level } from '../../entry/level.ts';
import { slices } from '../chunk.ts';
import { createChunkWriter } from '../chunk-writer.ts';
import { JOIN_QUIET_MS } from '../limits.ts';
import { describeFileLine } from '../line-entry.ts';
import type { Source, SourceContext, SourceEnd } from '../source.ts';

export interface StdinOptions {
  readonly input: Readable;
  readonly clientId: string;
  readonly levels?: ReadonlySet<Level> | undefined;
  readonly lineBytesMax: number;
  /** Lines that belong together become one entry. */
  readonly joinsLines?: boolean | undefined;
}

export function stdinSource(options: StdinOptions): Source {
  return { name: 'stdin', clientId: options.clientId, run: (context) => readInput(options, context) };
}

async function readInput(options: StdinOptions, context: SourceContext): Promise<SourceEnd> {
  const { input, clientId, levels, lineBytesMax, joinsLines = false } = options;
  const { stop, clock, put, lost, chunkBytesMax } = context;
  const writer = createChunkWriter({ clientId, source: 'stdin', levels });
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
    if (count !== pieceCount || !decoder?.holdsEntry) return;
    decoder.settle(onLine);
    await handOver();
  };
  const onStop = () => input.destroy();
  stop.addEventListener('abort', onStop, { once: true });
  try {
    let head = Buffer.alloc(0);
    for await (const piece of input) {
      let bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
      if (!decoder) {
        head = Buffer.concat([head, bytes]);
        const encoding = detectEncoding(head);
        if (encoding === undefined) continue;
        decoder = decoderFor({ encoding, lineBytesMax, joinsLines, atStart: true });
        bytes = head;
      }
      const takesBytes = joinsLines ? undefined : writer.takesBytes(clock.nowMs());
      for (const slice of slices(bytes, chunkBytesMax)) {
        decoder.feed(slice, onLine, takesBytes);
        if (writer.bytes >= chunkBytesMax) await handOver();
      }
      await handOver();
      if (decoder.holdsEntry) void settleWhenQuiet(++pieceCount);
    }
  } catch (error) {
    if (!stop.aborted) throw error;
    // Its own destruction, asked for above.
  } finally {
    stop.removeEventListener('abort', onStop);
  }
  // What a pipe gave cannot be read again: the unfinished line goes too.
  decoder?.end(onLine);
  await handOver();
  return { kind: 'ended' };
}
