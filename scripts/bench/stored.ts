/**
 * How many entries a server says it has: what was sent must be there, once.
 */
import { paths } from '../../src/api/paths.ts';

export async function storedCount(serverUrl: string): Promise<number> {
  const response = await fetch(new URL(paths.stats, serverUrl));
  const counts = (await response.json()) as Readonly<Record<string, number>>;
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
