/**
 * The way out: what matches, or what is chosen, as a file.
 */
import type { ExportFormat } from '../export-text.ts';
import { showWhole } from '../figures.ts';
import { Icon } from '../icons.tsx';
import { sayWrong } from '../toasts.tsx';
import { useMenu } from '../use-menu.ts';
import type { ViewModel } from './view-model.ts';

const FORMATS: readonly (readonly [ExportFormat, string])[] = [
  ['ndjson', 'NDJSON'],
  ['csv', 'CSV'],
  ['text', 'Text'],
];

export function ExportMenu({ model }: { readonly model: ViewModel }) {
  const menu = useMenu();
  const chosen = model.choice.size;
  return (
    <div class="export" ref={menu.root}>
      <button
        type="button"
        class="quiet"
        aria-haspopup="true"
        aria-expanded={menu.isOpen}
        title="Save as a file"
        onClick={() => menu.toggle()}
      >
        <Icon name="export" /> <span>Export</span>
      </button>
      {menu.isOpen && (
        <div class="menu">
          <p>{chosen > 0 ? `${showWhole(chosen)} selected as` : 'All that match as'}</p>
          {FORMATS.map(([format, word]) => (
            <button
              key={format}
              type="button"
              onClick={() => {
                menu.close();
                startExport(model, format);
              }}
            >
              {word}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** What makes the file is loaded when it is asked for. */
function startExport(model: ViewModel, format: ExportFormat): void {
  import('./export-entries.ts').then(
    (loaded) => loaded.exportEntries(model, format),
    () => sayWrong('Not exported: the server cannot be reached.'),
  );
}
