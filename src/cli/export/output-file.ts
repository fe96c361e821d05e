/**
 * The file of an export: there whole or not at all. It is written beside its place and moved there at the end; `.gz` and
 * `.zst` are packed on the way.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { link, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { hasCode, realFiles } from '../../system/files.ts';
import { CommandError } from '../exit.ts';

export interface OutputFile {
  readonly stream: Writable;
  /** Ends it, flushes it to the disk and puts it in its place. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/** @throws CommandError when it is there already, or cannot be written */
export async function openOutputFile(path: string, { force }: { readonly force: boolean }): Promise<OutputFile> {
  // What cannot be looked at cannot be opened either, and then it is said why.
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw new CommandError(`cannot export to ${path}: it is a folder; name a file in it`);
  if (found?.isFile() && !force) throw taken(path);
  // A device or a pipe is written to, not replaced.
  const isPlace = found === undefined || found.isFile();
  const fresh = isPlace ? `${path}.${process.pid}.new` : path;
  const file = createWriteStream(fresh, { flush: isPlace });
  try {
    await once(file, 'open');
  } catch (error) {
    throw unwritable(path, error);
  }
  const packer = /\.gz$/i.test(path) ? createGzip() : /\.zst$/i.test(path) ? createZstdCompress() : undefined;
  if (packer) {
    file.on('error', (error) => packer.destroy(error));
    packer.pipe(file);
  }
  const stream = packer ?? file;
  return {
    stream,
    async finish() {
      try {
        stream.end();
        await finished(file);
        if (!isPlace) return;
        if (force) await realFiles.move(fresh, path);
        else await moveToFreePlace(fresh, path);
      } catch (error) {
        if (isPlace) await realFiles.remove(fresh);
        throw error instanceof CommandError ? error : unwritable(path, error);
      }
    },
    async discard() {
      stream.destroy();
      file.destroy();
      if (isPlace) await realFiles.remove(fresh);
    },
  };
}

/** A file that came into being meanwhile is not overwritten either. */
async function moveToFreePlace(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw taken(to);
    // A file system without links.
    await realFiles.move(from, to);
    return;
  }
  await realFiles.remove(from);
}

function taken(path: string): CommandError {
  return new CommandError(`${path} is there already: name another file, or overwrite it with --force`);
}

function unwritable(path: string, error: unknown): CommandError {
  const reason = hasCode(error, 'ENOENT')
    ? 'there is no such folder'
    : hasCode(error, 'ENOSPC')
      ? 'the disk is full'
      : error instanceof Error
        ? error.message
        : String(error);
  return new CommandError(`cannot export to ${path}: ${reason}`, undefined, { cause: error });
}
