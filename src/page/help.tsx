/**
 * The help: every key, from the table the handlers are made of, and the search language by example.
 */
import { type KeyGroup, type KeyName, keysOf } from '../viewer/keys.ts';
import { Dialog } from './dialog.tsx';

const GROUPS: readonly KeyGroup[] = ['Move', 'Find', 'Filter', 'Act', 'Look'];

const KEY_SIGNS: Readonly<Record<KeyName, string>> = {
  Up: '↑',
  Down: '↓',
  Left: '←',
  Right: '→',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
  Escape: 'Esc',
};

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['timeout', 'the message has it, in any case, also inside a word'],
  ['"connection reset"', 'a phrase'],
  ['timeout -retry', 'one and not the other'],
  ['level:error', 'a level; level>=warning for it and worse'],
  ['client:web-*', 'a client, * stands for anything'],
  ['http.status:404', 'a field by its name'],
  ['is:pinned', 'also is:ticket and is:deleted'],
  ['(a OR b) c', 'either of two'],
  ['/time(d )?out/i', 'a regular expression'],
];

export function Help({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keys and search" onClose={onClose}>
      <div class="help">
        <div class="help-keys">
          {GROUPS.map((group) => (
            <section key={group}>
              <h3>{group}</h3>
              <dl>
                {keysOf('page')
                  .filter((binding) => binding.group === group)
                  .map((binding) => (
                    <div key={binding.act}>
                      <dt>
                        {binding.keys.map((key) => (
                          <kbd key={key}>{signOf(key)}</kbd>
                        ))}
                      </dt>
                      <dd>{binding.help}</dd>
                    </div>
                  ))}
              </dl>
            </section>
          ))}
        </div>
        <section class="help-search">
          <h3>Search</h3>
          <dl>
            {EXAMPLES.map(([example, meaning]) => (
              <div key={example}>
                <dt>
                  <code>{example}</code>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
          <h3>Mouse</h3>
          <dl>
            <div>
              <dt>Facet, field</dt>
              <dd>click: only this · Shift: this too · Alt: not this</dd>
            </div>
            <div>
              <dt>Row</dt>
              <dd>click: open · Ctrl: choose · Shift: choose up to here</dd>
            </div>
            <div>
              <dt>Chart</dt>
              <dd>drag: range · click: one bar · double click: back</dd>
            </div>
          </dl>
        </section>
      </div>
    </Dialog>
  );
}

function signOf(key: KeyName): string {
  return KEY_SIGNS[key] ?? key.replace(/^C-/, 'Ctrl ');
}
