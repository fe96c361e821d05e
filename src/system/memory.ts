/**
 * Memory beyond what the collector of JavaScript does by itself: bytes given back at once, a heap kept small.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * Gives back bytes that come and go in large amounts: the collector would be called for them, whether there is anything
 * else to collect or not. The caller is the only one who has them, no system call included, and looks at them no more. What
 * shares its memory with others stays.
 */
export function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (buffer.byteLength === byteLength) giveBackAll(buffer);
}

/** The same of memory as a whole, where what the caller has is a part of it and nobody has another. */
export function giveBackAll(buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** For a program that runs beside others' work: collects more often, and takes less. To be called before there is much. */
export function keepHeapSmall(): void {
  // The room for what is young stays as small as it begins.
  setFlagsFromString('--semi-space-growth-factor=1');
  // And the rest is collected when it has grown by a tenth.
  setFlagsFromString('--heap-growing-percent=10');
}
