/**
 * The facets beside the list: levels and clients with their counts. A click asks for only this one, Shift for this one
 * too, Alt for all but this; the same click again takes it back.
 */
import { useState } from 'preact/hooks';
import { LEVELS, type LevelCounts } from '../../entry/level.ts';
import { sanitize } from '../../viewer/sanitize.ts';
import type { Address } from '../address.ts';
import { showCount, showPart, showWhole } from '../figures.ts';
import { LEVELS_WORST_FIRST } from '../level-shown.ts';
import {
  type Facet,
  type FacetAct,
  type FacetKey,
  hasTerm,
  levelsAsked,
  readFacet,
  toggleTerm,
  withFacet,
} from '../query-terms.ts';
import { showAgo } from '../time-shown.ts';
import { sumOf } from './buckets.ts';
import { type ClientFigure, MARKS, type Mark } from './overview.ts';
import { Saved } from './saved.tsx';

export interface FacetsProps {
  readonly address: Address;
  readonly levels: Readonly<LevelCounts> | undefined;
  readonly clients: readonly ClientFigure[] | undefined;
  readonly marks: ReadonlyMap<Mark, number | undefined>;
  onQuery(query: string): void;
  onView(address: Address): void;
}

const MARK_WORDS: Readonly<Record<Mark, string>> = { pinned: 'pinned', ticket: 'tickets', deleted: 'deleted' };
/** More are found by typing. */
const CLIENTS_SHOWN = 60;
/** A client silent for longer is shown as quiet. */
const QUIET_MS = 5 * 60_000;

export function Facets({ address, levels, clients, marks, onQuery, onView }: FacetsProps) {
  const { query } = address;
  const asked = levelsAsked(query);
  const total = levels ? sumOf(levels) : 0;
  const act = (key: FacetKey, value: string) => (event: MouseEvent) => {
    onQuery(withFacet(query, key, value, actOf(event)));
  };
  return (
    <aside class="facets" aria-label="Filters">
      <section>
        <h2>Level</h2>
        <ul>
          {LEVELS_WORST_FIRST.map((level) => {
            const count = levels?.[level] ?? 0;
            return (
              <li key={level}>
                <button
                  type="button"
                  class={`facet level-${level.toLowerCase()} ${count === 0 ? 'none' : ''}`}
                  aria-pressed={asked.has(level) && asked.size < LEVELS.length}
                  data-left-out={!asked.has(level)}
                  title={`${showWhole(count)} ${level.toLowerCase()}. Click: only these. Shift: these too. Alt: not these.`}
                  onClick={act('level', level)}
                >
                  <i class="swatch" />
                  <span class="facet-name">{level.toLowerCase()}</span>
                  <span class="facet-count">{levels ? showCount(count) : '·'}</span>
                  <span class="facet-part">{levels && total > 0 ? showPart(count, total) : ''}</span>
                </button>
              </li>
            );
          })}
        </ul>
      </section>
      <section>
        <h2>Marks</h2>
        <ul>
          {MARKS.map((state) => {
            const word = MARK_WORDS[state];
            const count = marks.get(state) ?? 0;
            const term = `is:${state}`;
            return (
              <li key={state}>
                <button
                  type="button"
                  class={`facet mark-${state}`}
                  aria-pressed={hasTerm(query, term) || hasTerm(query, `-${term}`)}
                  data-left-out={hasTerm(query, `-${term}`)}
                  title={`Click: only ${word}. Alt: all but ${word}.`}
                  onClick={(event) => onQuery(toggleTerm(query, event.altKey ? `-${term}` : term))}
                >
                  <i class="mark-sign" />
                  <span class="facet-name">{word}</span>
                  <span class="facet-count">{count > 0 ? showCount(count) : ''}</span>
                </button>
              </li>
            );
          })}
        </ul>
      </section>
      <Saved address={address} onView={onView} />
      <Clients query={query} clients={clients} act={(value) => act('client', value)} />
    </aside>
  );
}

interface ClientsProps {
  readonly query: string;
  readonly clients: readonly ClientFigure[] | undefined;
  act(clientId: string): (event: MouseEvent) => void;
}

function Clients({ query, clients, act }: ClientsProps) {
  const [find, setFind] = useState('');
  const facet = readFacet(query, 'client');
  const counted = (clients ?? [])
    .map((client) => ({ ...client, count: sumOf(client.counts) }))
    .filter((client) => client.clientId.toLowerCase().includes(find.toLowerCase()))
    .sort((a, b) => b.count - a.count || (a.clientId < b.clientId ? -1 : 1));
  const nowMs = Date.now();
  return (
    <section>
      <h2>Client {clients !== undefined && <span class="facet-total">{showWhole(clients.length)}</span>}</h2>
      {(clients?.length ?? 0) > 8 && (
        <input
          type="text"
          class="facet-find"
          placeholder="Find a client"
          aria-label="Find a client"
          value={find}
          onInput={(event) => setFind(event.currentTarget.value)}
        />
      )}
      <ul>
        {counted.slice(0, CLIENTS_SHOWN).map((client) => {
          const isQuiet = nowMs - client.lastSeenMs > QUIET_MS;
          const name = sanitize(client.clientId);
          return (
            <li key={client.clientId}>
              <button
                type="button"
                class={`facet client ${client.count === 0 ? 'none' : ''} ${client.isTroubled ? 'troubled-client' : isQuiet ? 'quiet-client' : ''}`}
                aria-pressed={facet.only.includes(client.clientId)}
                data-left-out={isLeftOut(facet, client.clientId)}
                title={`${name}: ${showWhole(client.count)} entries, last ${showAgo(client.lastSeenMs, nowMs)} ago${client.isTroubled ? '; its agent is silent or falls behind' : ''}. Click: only this. Shift: this too. Alt: not this.`}
                onClick={act(client.clientId)}
              >
                <i class="presence" />
                <span class="facet-name">{name}</span>
                <span class="facet-count">{showCount(client.count)}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {counted.length > CLIENTS_SHOWN && <p class="facet-more">{counted.length - CLIENTS_SHOWN} more: find by name</p>}
    </section>
  );
}

function isLeftOut(facet: Facet, value: string): boolean {
  return facet.not.includes(value) || (facet.only.length > 0 && !facet.only.includes(value));
}

function actOf(event: MouseEvent): FacetAct {
  if (event.altKey) return 'not';
  return event.shiftKey || event.ctrlKey || event.metaKey ? 'add' : 'only';
}
