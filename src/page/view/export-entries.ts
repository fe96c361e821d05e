/**
 * What matches, or what is chosen, collected from the server and saved as a file.
 */
import { paths } from '../../api/paths.ts';
import type { SearchBody } from '../../api/types.ts';
import type { EntryJson } from '../../entry/entry.ts';
import { PAGE_ENTRIES_MAX } from '../../entry/limits.ts';
import { boundsOf } from '../address.ts';
import { EXPORT_FILES, type ExportFormat, exportText } from '../export-text.ts';
import { plural } from '../figures.ts';
import { type Answer, get } from '../request.ts';
import { saveFile } from '../save-file.ts';
import { dismissToast, sayDone, sayWrong } from '../toasts.tsx';
import type { ViewModel } from './view-model.ts';

/** A file is made in the browser's memory. Beyond: the newest ones, and it is said. */
const EXPORT_ENTRIES_MAX = 100_000;

export async function exportEntries(model: ViewModel, format: ExportFormat): Promise<void> {
  const toast = sayDone('Collecting entries…');
  const found = model.choice.size > 0 ? { ok: true as const, body: model.subjects() } : await allThatMatch(model);
  dismissToast(toast);
  if (!found.ok) {
    sayWrong(`Not exported: ${found.message}`);
    return;
  }
  const entries = [...found.body].sort((a, b) => (a.timestamp + a.uuid < b.timestamp + b.uuid ? -1 : 1));
  const { ending, type } = EXPORT_FILES[format];
  saveFile(
    new Blob([exportText(entries, format)], { type }),
    `logd-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.${ending}`,
  );
  const isCut = entries.length >= EXPORT_ENTRIES_MAX;
  sayDone(
    `${plural(entries.length, 'entry', 'entries')} exported${isCut ? ', the newest of more: logd export takes all' : ''}`,
  );
}

async function allThatMatch(model: ViewModel): Promise<Answer<readonly EntryJson[]>> {
  const { query, range } = model.place.address.value;
  const { sinceMs, untilMs } = boundsOf(range, Date.now());
  const all: EntryJson[] = [];
  let cursor: string | undefined;
  do {
    const answer = await get<SearchBody>(paths.search, {
      parameters: { query, since: sinceMs, until: untilMs, order: 'desc', limit: PAGE_ENTRIES_MAX, cursor },
    });
    if (!answer.ok) return answer;
    all.push(...answer.body.logs);
    cursor = answer.body.cursor ?? undefined;
  } while (cursor !== undefined && all.length < EXPORT_ENTRIES_MAX);
  return { ok: true, body: all };
}
