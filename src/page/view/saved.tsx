/**
 * The saved views beside the list.
 */
import { sanitize } from '../../viewer/sanitize.ts';
import { type Address, parseAddress } from '../address.ts';
import { Icon } from '../icons.tsx';
import { nameOf, removeView, savedViews, saveView, viewOf } from '../saved-views.ts';

export interface SavedProps {
  readonly address: Address;
  onView(address: Address): void;
}

export function Saved({ address, onView }: SavedProps) {
  const current = viewOf(address);
  const views = savedViews.value;
  const canSave = current !== '' && !views.includes(current);
  if (views.length === 0 && !canSave) return null;
  return (
    <section>
      <h2>Saved views</h2>
      <ul>
        {views.map((view) => {
          const name = sanitize(nameOf(view));
          return (
            <li key={view} class="saved">
              <button
                type="button"
                class="facet"
                aria-pressed={view === current}
                title={name}
                onClick={() => onView(parseAddress(view, Date.now()))}
              >
                <span class="facet-name">{name}</span>
              </button>
              <button
                type="button"
                class="quiet"
                aria-label={`Remove the view ${name}`}
                title="Remove"
                onClick={() => removeView(view)}
              >
                <Icon name="close" />
              </button>
            </li>
          );
        })}
      </ul>
      {canSave && (
        <button type="button" class="facet save-view" onClick={() => saveView(current)}>
          Save this view
        </button>
      )}
    </section>
  );
}
