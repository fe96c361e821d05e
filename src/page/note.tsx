/**
 * The note of an entry: what it says, by whom and when, and the form to write it. Enter saves, as in the terminal; Shift
 * and Enter begin a line.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { EntryJson } from '../entry/entry.ts';
import { AUTHOR_LENGTH_MAX, NOTE_LENGTH_MAX } from '../entry/limits.ts';
import { sanitize } from '../viewer/sanitize.ts';
import { author } from './author.ts';
import { lines } from './entry-parts.tsx';
import { zone } from './preferences.ts';
import { showAgo, showTime } from './time-shown.ts';

export interface NoteProps {
  readonly entry: EntryJson;
  /** Rises when the keyboard asks to write. */
  readonly asked: number;
  onSave(note: string): void;
}

export function Note({ entry, asked, onSave }: NoteProps) {
  /** How often writing was begun and ended here; `asked` counts as begun too. */
  const [begun, setBegun] = useState(0);
  const [ended, setEnded] = useState(0);
  const area = useRef<HTMLTextAreaElement>(null);
  const isWriting = asked + begun > ended;
  useEffect(() => {
    setBegun(0);
    setEnded(0);
  }, [entry.uuid]);
  // Before the next key can arrive, which must not be taken for a command.
  useLayoutEffect(() => {
    if (!isWriting || !area.current) return;
    area.current.focus();
    area.current.setSelectionRange(area.current.value.length, area.current.value.length);
  }, [isWriting, asked]);
  const end = () => setEnded(asked + begun);
  const save = () => {
    onSave(area.current?.value.trim() ?? '');
    end();
  };
  if (!isWriting) {
    if (entry.note === undefined) return null;
    return (
      <button type="button" class="note" title="Change the note" onClick={() => setBegun(ended - asked + 1)}>
        <span class="note-text">{lines(entry.note)}</span>
        <Signature entry={entry} />
      </button>
    );
  }
  return (
    <form
      class="note-form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        end();
      }}
    >
      <textarea
        ref={area}
        rows={3}
        maxLength={NOTE_LENGTH_MAX}
        aria-label="Note"
        placeholder="What is known about this entry"
        defaultValue={entry.note ?? ''}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          save();
        }}
      />
      <div class="form-foot">
        <input
          type="text"
          class="note-author"
          aria-label="Your name"
          placeholder="Your name"
          title="Stands under your notes and acts on tickets; kept in this browser"
          autocomplete="nickname"
          maxLength={AUTHOR_LENGTH_MAX}
          value={author.value}
          onInput={(event) => {
            author.value = event.currentTarget.value;
          }}
        />
        <span class="hint" title="Shift and Enter begin a line">
          <kbd>Enter</kbd>
        </span>
        <button type="button" class="quiet" onClick={end}>
          Cancel
        </button>
        <button type="submit" class="primary">
          Save note
        </button>
      </div>
    </form>
  );
}

/** Who wrote it and how long ago, as far as that is known. */
export function Signature({ entry }: { readonly entry: EntryJson }) {
  const { note_author: name, note_time: time } = entry;
  if (name === undefined && time === undefined) return null;
  const timeMs = Date.parse(time ?? '');
  return (
    <span class="signature">
      {name !== undefined && <b>{sanitize(name)}</b>}
      {time !== undefined && <time title={showTime(timeMs, zone.value, 'year')}>{showAgo(timeMs, Date.now())}</time>}
    </span>
  );
}
