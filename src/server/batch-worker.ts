/**
 * The thread that reads large batch bodies, so that the loop that answers requests never waits for one.
 */
import { parentPort } from 'node:worker_threads';
import { giveBack } from '../system/memory.ts';
import { type BatchBody, readBatchBody } from './batch-body.ts';

if (!parentPort) throw new Error('BUG: batch-worker is started as a worker');
const port = parentPort;

port.on('message', (body: BatchBody) => {
  const read = readBatchBody(body);
  giveBack(body.bytes);
  if (!read.ok) {
    port.postMessage(read);
    return;
  }
  const { text, starts, idAt, timesMs, levels, clientOf } = read.batch;
  const arrays = [text, starts, idAt, timesMs, levels, clientOf].filter((array) => ArrayBuffer.isView(array));
  port.postMessage(
    read,
    arrays.map((array) => array.buffer as ArrayBuffer),
  );
});
