/**
 * A data folder from outside: its segments, their text, what they take on the disk.
 */
import { createWriteStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';

const LOOK_MS = 250;

/** Resolves when no segment waits to be sealed. */
export async function allSealed(folder: string): Promise<void> {
  while ((await readdir(folder)).some((name) => /^app-.*\.log$|\.new$/.test(name))) await sleep(LOOK_MS);
}

/** Bytes of all its files. */
export async function bytesOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) {
    // Links such as the lock hold nothing.
    const found = await stat(join(folder, name)).catch(() => undefined);
    bytes += found?.size ?? 0;
  }
  return bytes;
}

/** Writes the text of all segments into one file, for tools that read text. */
export async function writeText(folder: string, path: string): Promise<void> {
  const output = createWriteStream(path);
  const names = (await readdir(folder)).filter((name) => /^app.*\.log(\.zst)?$/.test(name)).sort(activeLast);
  for (const name of names) {
    const bytes = await readFile(join(folder, name));
    const text = name.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes;
    await new Promise<void>((resolve) => output.write(text, () => resolve()));
  }
  await new Promise<void>((resolve) => output.end(resolve));
}

function activeLast(a: string, b: string): number {
  return Number(a === 'app.log') - Number(b === 'app.log') || (a < b ? -1 : 1);
}
