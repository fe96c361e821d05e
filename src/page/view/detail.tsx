/**
 * The pane beside the list: one entry in full, what can be done with it, and what stood around it.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EntryJson } from '../../entry/entry.ts';
import { sanitize } from '../../viewer/sanitize.ts';
import { copyText } from '../clipboard.ts';
import { Attributes, Context, LevelTag, lines, Message, RawJson } from '../entry-parts.tsx';
import { entryAsJson, entryAsStored, entryLine } from '../entry-text.ts';
import { Icon, type IconName } from '../icons.tsx';
import { Note } from '../note.tsx';
import { zone } from '../preferences.ts';
import { toggleTerm } from '../query-terms.ts';
import { showTime } from '../time-shown.ts';
import type { ViewModel } from './view-model.ts';

type Tab = 'fields' | 'raw' | 'json';

const TABS: readonly (readonly [Tab, string])[] = [
  ['fields', 'Fields'],
  ['raw', 'Raw'],
  ['json', 'JSON'],
];

export function DetailPane({ model }: { readonly model: ViewModel }) {
  const detail = model.opened.detail.value;
  const pane = useRef<HTMLElement>(null);
  const [tab, setTab] = useState<Tab>('fields');
  const id = detail?.id;
  useEffect(() => {
    if (pane.current) pane.current.scrollTop = 0;
  }, [id]);
  if (!detail) return null;
  const { entry, fault } = detail;
  return (
    <aside class="detail" ref={pane} aria-label="Entry" data-id={detail.id}>
      <header class="detail-head">
        {entry && <LevelTag level={entry.log_level} />}
        <span class="detail-client">{entry ? sanitize(entry.client_id) : ''}</span>
        <time class="detail-time">{entry ? showTime(Date.parse(entry.timestamp), zone.value, 'year') : ''}</time>
        <button
          type="button"
          class="quiet"
          aria-label="Previous entry"
          title="Previous (k)"
          onClick={() => model.move(-1)}
        >
          <Icon name="up" />
        </button>
        <button type="button" class="quiet" aria-label="Next entry" title="Next (j)" onClick={() => model.move(1)}>
          <Icon name="down" />
        </button>
        <button
          type="button"
          class="quiet"
          aria-label="Close"
          title="Close (Esc)"
          onClick={() => model.place.closeDetail()}
        >
          <Icon name="close" />
        </button>
      </header>
      {fault !== undefined && (
        <p class="detail-fault" role="alert">
          {fault}
        </p>
      )}
      {entry && (
        <>
          <DetailActs model={model} entry={entry} />
          {entry.is_deleted && (
            <p class="detail-deleted">
              This entry is deleted.{' '}
              <button type="button" onClick={() => model.toggle('delete', [entry])}>
                Restore
              </button>
            </p>
          )}
          <Note
            entry={entry}
            asked={model.opened.noteAsked.value}
            onSave={(note) => model.saveNote(entry.uuid, note)}
          />
          <Message text={entry.message} highlight={model.highlight.value} />
          <div class="tabs">
            <div role="tablist">
              {TABS.map(([name, word]) => (
                <button key={name} type="button" role="tab" aria-selected={tab === name} onClick={() => setTab(name)}>
                  {word}
                </button>
              ))}
            </div>
            <button
              type="button"
              class="quiet tab-act"
              title={tab === 'raw' ? 'Copy as it stands in app.log' : 'Copy as JSON'}
              aria-label={tab === 'raw' ? 'Copy as it stands in app.log' : 'Copy as JSON'}
              onClick={() =>
                void (tab === 'raw' ? copyText(entryAsStored(entry), 'Raw text') : copyText(entryAsJson(entry), 'JSON'))
              }
            >
              <Icon name="copy" />
            </button>
          </div>
          {tab === 'raw' ? (
            <pre class="raw">{lines(entryAsStored(entry))}</pre>
          ) : tab === 'fields' ? (
            <Attributes
              entry={entry}
              onTerm={(term) => model.place.search(toggleTerm(model.place.address.value.query, term), 'done')}
            />
          ) : (
            <RawJson entry={entry} />
          )}
          <h2 class="detail-heading">
            Context
            <button
              type="button"
              class="quiet"
              title="Show the list around this entry"
              onClick={() => model.place.showAround(entry)}
            >
              <Icon name="around" /> Show in list
            </button>
          </h2>
          {fault === undefined && (
            <Context
              entry={entry}
              before={detail.before}
              after={detail.after}
              onOpen={(near) => model.place.open(near)}
            />
          )}
        </>
      )}
    </aside>
  );
}

function DetailActs({ model, entry }: { readonly model: ViewModel; readonly entry: EntryJson }) {
  return (
    <div class="acts" role="toolbar" aria-label="What to do with this entry">
      <Act
        icon="pin"
        word={entry.is_pinned ? 'Unpin' : 'Pin'}
        keyHint="p"
        isOn={entry.is_pinned}
        run={() => model.toggle('pin', [entry])}
      />
      <Act
        icon="ticket"
        word={entry.is_ticket ? 'Untrack' : 'Ticket'}
        keyHint="t"
        isOn={entry.is_ticket}
        run={() => model.toggle('ticket', [entry])}
      />
      <Act icon="note" word="Note" keyHint="a" isOn={entry.note !== undefined} run={() => model.askNote()} />
      <Act icon="trash" word="Delete" keyHint="d" run={() => model.toggle('delete', [entry])} />
      <span class="acts-gap" />
      <Act isIconOnly icon="copy" word="Copy" keyHint="y" run={() => void copyText(entryLine(entry), 'Entry')} />
      <Act
        isIconOnly
        icon="link"
        word="Copy the link"
        run={() => void copyText(model.place.permalink(entry.uuid), 'Link')}
      />
    </div>
  );
}

interface ActProps {
  readonly icon: IconName;
  readonly word: string;
  readonly keyHint?: string;
  /** Missing: not an act that is on or off. */
  readonly isOn?: boolean;
  readonly isIconOnly?: boolean;
  run(): void;
}

function Act({ icon, word, keyHint, isOn, isIconOnly, run }: ActProps) {
  return (
    <button
      type="button"
      class="act"
      aria-pressed={isOn}
      aria-label={isIconOnly ? word : undefined}
      title={keyHint ? `${word} (${keyHint})` : word}
      onClick={run}
    >
      <Icon name={icon} />
      {!isIconOnly && <span>{word}</span>}
    </button>
  );
}
