/**
 * A folder of a test's own, removed with all that is in it when the test ends.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @param test the context that node:test gives, or anything with an `after` */
export function temporaryFolder(test: { after(cleanUp: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'logd-test-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
