/**
 * The build's talk: one line per step, with its time and the size of what it made.
 */
import { statSync } from 'node:fs';

const NAME_WIDTH = 26;

/** Runs one step. `work` gives the files it made, or a remark. A failure names the step. */
export async function step(name: string, work: () => Promise<readonly string[] | string>): Promise<void> {
  const startMs = performance.now();
  let made: readonly string[] | string;
  try {
    made = await work();
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const seconds = `${((performance.now() - startMs) / 1000).toFixed(1)} s`.padStart(7);
  const result = typeof made === 'string' ? made : shownSize(made);
  process.stdout.write(`  ${name.padEnd(NAME_WIDTH)} ${seconds}  ${result}\n`);
}

/** Runs a whole script; what goes wrong becomes one message on stderr and exit code 1. */
export async function runScript(act: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${act} failed at ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

function shownSize(files: readonly string[]): string {
  const byteCount = files.reduce((sum, file) => sum + statSync(file).size, 0);
  const shown = byteCount < 1e6 ? `${(byteCount / 1e3).toFixed(1)} kB` : `${(byteCount / 1e6).toFixed(1)} MB`;
  return files.length === 1 ? shown : `${shown} in ${files.length} files`;
}
