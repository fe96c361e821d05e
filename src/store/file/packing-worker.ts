/**
 * The thread that digests and packs, so that the loop that takes logs in never waits for it. Goes on only when nobody else
 * wants the processor, where the system can tell threads apart.
 */
import { parentPort } from 'node:worker_threads';
import { yieldToOthers } from '../../system/thread-priority.ts';
import { PACKING_NICENESS } from './limits.ts';
import { Packing } from './packing.ts';
import type { FromPackingWorker, ToPackingWorker } from './packing-messages.ts';

if (!parentPort) throw new Error('BUG: packing-worker is started as a worker');
const port = parentPort;
yieldToOthers(PACKING_NICENESS);

const packing = new Packing();

port.on('message', (message: ToPackingWorker) => {
  try {
    const answer = answerTo(message);
    const moved = answer.kind === 'bytes' ? [answer.bytes.buffer as ArrayBuffer] : [];
    port.postMessage(answer, moved);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    port.postMessage({ kind: 'failed', reason } satisfies FromPackingWorker);
  }
});

function answerTo(message: ToPackingWorker): FromPackingWorker {
  const { place } = message;
  switch (message.kind) {
    case 'digest':
      return { kind: 'digested', digested: packing.digest(place, message.request) };
    case 'pack':
      return { kind: 'bytes', bytes: ownBytes(packing.pack(place, message.block)) };
    case 'index':
      return { kind: 'bytes', bytes: ownBytes(packing.index(place, message.request)) };
    default:
      message satisfies never;
      throw new Error('BUG: a message of unknown kind');
  }
}

/** Bytes that can be moved to another thread: alone in their memory. */
function ownBytes(bytes: Buffer): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
