/**
 * The parts an entry in full is shown with, on the view and on the tickets page: message, attributes, context.
 */
import type { EntryJson, FieldValue } from '../entry/entry.ts';
import type { Highlighter } from '../viewer/highlight.ts';
import { sanitize } from '../viewer/sanitize.ts';
import { entryAsJson } from './entry-text.ts';
import { LEVEL_SHORT } from './level-shown.ts';
import { zone } from './preferences.ts';
import { clientTerm, fieldTerm } from './query-terms.ts';
import { pieceClass, textPieces } from './text-pieces.ts';
import { showTime } from './time-shown.ts';

/** Text of a stranger, safe to show, its lines kept. */
export function lines(text: string): string {
  return sanitize(text, { lineBreaks: 'keep', tabs: 'keep' });
}

export function LevelTag({ level }: { readonly level: EntryJson['log_level'] }) {
  return <span class={`level-tag level-${level.toLowerCase()}`}>{level.toLowerCase()}</span>;
}

export function Message({ text, highlight }: { readonly text: string; readonly highlight?: Highlighter | undefined }) {
  return (
    <pre class="message" dir="ltr">
      {textPieces(text, highlight, { lineBreaks: 'keep', tabs: 'keep' }).map((piece, index) =>
        piece.isHit ? (
          <mark key={index} class={pieceClass(piece)}>
            {piece.text}
          </mark>
        ) : (
          <span key={index} class={pieceClass(piece)}>
            {piece.text}
          </span>
        ),
      )}
    </pre>
  );
}

export interface AttributesProps {
  readonly entry: EntryJson;
  /** Missing: fields are shown without the way to filter by them. */
  onTerm?(term: string): void;
}

/** Everything an entry says about itself, as names and values. */
export function Attributes({ entry, onTerm }: AttributesProps) {
  const fields = Object.entries(entry.fields ?? {});
  return (
    <table class="attributes">
      <tbody>
        <Attribute name="time" value={showTime(Date.parse(entry.timestamp), zone.value, 'year')} />
        <Attribute
          name="level"
          value={entry.log_level.toLowerCase()}
          term={`level:${entry.log_level.toLowerCase()}`}
          onTerm={onTerm}
        />
        <Attribute name="client" value={entry.client_id} term={clientTerm(entry.client_id)} onTerm={onTerm} />
        {entry.source !== undefined && (
          <Attribute name="source" value={entry.source} term={fieldTerm('source', entry.source)} onTerm={onTerm} />
        )}
        <Attribute name="id" value={entry.uuid} />
        {fields.map(([name, value]) => (
          <Attribute
            key={name}
            name={name}
            value={textOf(value)}
            term={fieldTerm(name, textOf(value))}
            onTerm={onTerm}
            isField
          />
        ))}
      </tbody>
    </table>
  );
}

interface AttributeProps {
  readonly name: string;
  readonly value: string;
  readonly term?: string | undefined;
  readonly isField?: boolean;
  readonly onTerm?: ((term: string) => void) | undefined;
}

function Attribute({ name, value, term, isField, onTerm }: AttributeProps) {
  return (
    <tr class={isField ? 'field' : ''}>
      <th scope="row">{sanitize(name)}</th>
      <td>
        {term !== undefined && onTerm ? (
          <button
            type="button"
            class="field-value"
            title="Click: only entries with this. Alt: entries without it."
            onClick={(event) => onTerm(event.altKey ? `-${term}` : term)}
          >
            {lines(value)}
          </button>
        ) : (
          <span class="field-value">{lines(value)}</span>
        )}
      </td>
      <td class="field-acts">
        {term !== undefined && onTerm && (
          <>
            <button
              type="button"
              class="quiet"
              aria-label={`Only entries with ${name}`}
              title="Only these"
              onClick={() => onTerm(term)}
            >
              +
            </button>
            <button
              type="button"
              class="quiet"
              aria-label={`Entries without ${name}`}
              title="Not these"
              onClick={() => onTerm(`-${term}`)}
            >
              −
            </button>
          </>
        )}
      </td>
    </tr>
  );
}

/** What came over the wire, as JSON. */
export function RawJson({ entry }: { readonly entry: EntryJson }) {
  return <pre class="raw">{lines(entryAsJson(entry))}</pre>;
}

export interface ContextProps {
  readonly entry: EntryJson;
  readonly before: readonly EntryJson[] | undefined;
  readonly after: readonly EntryJson[] | undefined;
  onOpen(id: string): void;
}

/** The neighbours in time, whatever the list is filtered by. */
export function Context({ entry, before, after, onOpen }: ContextProps) {
  if (!before || !after) return <p class="hint">Loading…</p>;
  return (
    <ol class="context">
      {[...before, entry, ...after].map((near) => (
        <li key={near.uuid} aria-current={near.uuid === entry.uuid ? 'true' : undefined}>
          <button
            type="button"
            class={`context-row level-${near.log_level.toLowerCase()}`}
            onClick={() => onOpen(near.uuid)}
            title={sanitize(near.message.slice(0, 2_000))}
          >
            <span class="row-time">{showTime(Date.parse(near.timestamp), zone.value, 'none')}</span>
            <span class="row-level">{LEVEL_SHORT[near.log_level]}</span>
            <span class="context-client">{sanitize(near.client_id)}</span>
            <span class="context-message">{sanitize(near.message.slice(0, 400)).replaceAll('\\n', ' ⏎ ')}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function textOf(value: FieldValue): string {
  return String(value);
}
