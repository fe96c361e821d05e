/**
 * The names under which a log file lives on after it was rotated: `app.log.1`, `app.log.2.gz`, `app.log-20261122`,
 * `app-2026-11-22.log`, `app.log.old`.
 */
import { extname } from 'node:path';

export type Packing = 'plain' | 'gzip' | 'zstd' | 'unreadable';

export interface RotatedName {
  readonly name: string;
  readonly packing: Packing;
}

const PACKINGS: Readonly<Record<string, Packing>> = {
  '.gz': 'gzip',
  '.zst': 'zstd',
  '.xz': 'unreadable',
  '.bz2': 'unreadable',
  '.zip': 'unreadable',
};

export function packingOf(name: string): Packing {
  return PACKINGS[extname(name)] ?? 'plain';
}

/** The rotated files of `base` among the names of its folder, the oldest first. */
export function rotatedNames(base: string, names: readonly string[]): RotatedName[] {
  const dated: { name: string; stamp: string; number: number }[] = [];
  const numbered: { name: string; number: number }[] = [];
  for (const name of names) {
    const suffix = suffixOf(base, name);
    if (suffix === undefined) continue;
    const [, stamp, more] = /^[-._](\d{4}-?\d\d-?\d\d(?:[-._T]?\d+)*?)(?:\.(\d{1,3}))?$/.exec(suffix) ?? [];
    const [, number] = /^[-._](\d{1,4})$/.exec(suffix) ?? [];
    if (number !== undefined) numbered.push({ name, number: Number(number) });
    else if (stamp !== undefined) dated.push({ name, stamp, number: Number(more ?? 0) });
    else if (/^\.(old|bak|prev)$/.test(suffix)) numbered.push({ name, number: 0 });
  }
  dated.sort((a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : b.number - a.number));
  numbered.sort((a, b) => b.number - a.number);
  return [...dated, ...numbered].map(({ name }) => ({ name, packing: packingOf(name) }));
}

export function isRotatedNameOf(base: string, name: string): boolean {
  return rotatedNames(base, [name]).length > 0;
}

/** What stands between or behind the parts of `base`, without the packing's ending. */
function suffixOf(base: string, name: string): string | undefined {
  const bare = packingOf(name) === 'plain' ? name : name.slice(0, -extname(name).length);
  if (bare.startsWith(base) && bare.length > base.length) return bare.slice(base.length);
  const ending = extname(base);
  const stem = base.slice(0, base.length - ending.length);
  const isBetween = ending !== '' && bare.startsWith(stem) && bare.endsWith(ending) && bare.length > base.length;
  return isBetween ? bare.slice(stem.length, -ending.length) : undefined;
}
