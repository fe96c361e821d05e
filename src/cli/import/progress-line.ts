/**
 * How far an import is, as one line.
 */
import { bar } from '../output/progress.ts';
import { type ImportFigures, shown } from './tally.ts';

/** Until then a rate says nothing. */
const RATE_MS_MIN = 500;

/** @param elapsedMs since the import began */
export function importLine(form: 'bar' | 'words', figures: ImportFigures, elapsedMs: number): string {
  const { bytesRead, bytesTotal, bytesChecked, entriesStored, entriesBefore } = figures;
  if (bytesChecked !== undefined && bytesTotal) {
    return `${Math.floor((bytesChecked / bytesTotal) * 100)} % of the files looked at, to know them again`;
  }
  const entries = entriesStored + entriesBefore;
  const share = bytesTotal ? bytesRead / bytesTotal : undefined;
  const parts = [
    share === undefined ? undefined : `${form === 'bar' ? `${bar(share)} ` : ''}${Math.floor(share * 100)} %`,
    `${shown(entries)} entries${entriesBefore > 0 ? `, ${shown(entriesBefore)} of them there already` : ''}`,
    elapsedMs < RATE_MS_MIN ? undefined : `${shown((entries / elapsedMs) * 1000)}/s`,
    share === undefined || share < 0.01 ? undefined : `${duration((elapsedMs / share) * (1 - share))} left`,
  ];
  return parts.filter((part) => part !== undefined).join('  ');
}

function duration(timeMs: number): string {
  const seconds = Math.ceil(timeMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
