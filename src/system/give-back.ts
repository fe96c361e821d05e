/**
 * Memory given back at once instead of at the next collection, for bytes in large amounts that come and go: the collector
 * is called for them, whether there is anything else to collect or not.
 */

/** The caller is the only one who has the bytes, and looks at them no more. What shares its memory with others stays. */
export function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
