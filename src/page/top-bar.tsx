/**
 * The bar at the top of every page: where one can go, what is searched, the connection and the looks.
 */
import type { ComponentChildren } from 'preact';
import { paths } from '../api/paths.ts';
import type { Connection } from '../viewer/connection.ts';
import { Icon, type IconName } from './icons.tsx';
import { nextChoice, THEMES, type Theme, theme, zone } from './preferences.ts';

export interface TopBarProps {
  readonly current: 'view' | 'tickets' | 'clients';
  readonly openTickets?: number | undefined;
  /** Agents that are silent or fall behind. */
  readonly agentTroubles?: number | undefined;
  /** What stands between the places and the looks. */
  readonly children?: ComponentChildren;
  onHelp(): void;
}

const THEME_ICONS: Readonly<Record<Theme, IconName>> = { system: 'auto', light: 'sun', dark: 'moon' };
const THEME_WORDS: Readonly<Record<Theme, string>> = { system: 'as the system', light: 'light', dark: 'dark' };

export function TopBar({ current, openTickets, agentTroubles = 0, children, onHelp }: TopBarProps) {
  return (
    <header class="top">
      <nav class="places" aria-label="Pages">
        <a class="brand" href={paths.view} aria-label="logd, view">
          <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
            <rect class="brand-1" x="4" y="6" width="24" height="4" rx="2" />
            <rect class="brand-2" x="4" y="14" width="16" height="4" rx="2" />
            <rect class="brand-3" x="4" y="22" width="20" height="4" rx="2" />
          </svg>
          <span>logd</span>
        </a>
        <a href={paths.view} aria-current={current === 'view' ? 'page' : undefined}>
          View
        </a>
        <a href={paths.ticketsPage} aria-current={current === 'tickets' ? 'page' : undefined}>
          Tickets{openTickets !== undefined && openTickets > 0 && <span class="badge">{openTickets}</span>}
        </a>
        <a href={paths.clientsPage} aria-current={current === 'clients' ? 'page' : undefined}>
          Clients
          {agentTroubles > 0 && (
            <span class="badge trouble" title="Agents that are silent or fall behind">
              {agentTroubles}
            </span>
          )}
        </a>
      </nav>
      {children}
      <div class="looks">
        <button
          type="button"
          class="quiet zone"
          title={`Times are shown in ${zone.value === 'utc' ? 'UTC' : 'the zone of this browser'}. Click for the other.`}
          onClick={() => {
            zone.value = nextChoice(['utc', 'local'], zone.value);
          }}
        >
          {zone.value === 'utc' ? 'UTC' : 'Local'}
        </button>
        <button
          type="button"
          class="quiet"
          title={`Colours: ${THEME_WORDS[theme.value]}. Click for the next.`}
          aria-label={`Colours: ${THEME_WORDS[theme.value]}`}
          onClick={() => {
            theme.value = nextChoice(THEMES, theme.value);
          }}
        >
          <Icon name={THEME_ICONS[theme.value]} />
        </button>
        <button type="button" class="quiet" title="Keys and search language (?)" aria-label="Help" onClick={onHelp}>
          <Icon name="help" />
        </button>
      </div>
    </header>
  );
}

export interface ConnectionShownProps {
  readonly connection: Connection;
  /** What a line that stands is called now: "Live", "Paused". */
  readonly word: string;
  readonly detail?: string | undefined;
  readonly isPaused: boolean;
  /** Told with the state of a line that stands. */
  readonly more?: string | undefined;
  onClick(): void;
}

/** The state of the line, in one place and with the same room for every word. */
export function ConnectionShown({ connection, word, detail, isPaused, more = '', onClick }: ConnectionShownProps) {
  const shown = describe(connection, word);
  const state = connection.kind === 'live' && isPaused ? 'paused' : connection.kind;
  return (
    <button
      type="button"
      class={`connection ${state}`}
      title={connection.kind === 'live' ? shown.title + more : shown.title}
      aria-pressed={isPaused}
      onClick={onClick}
      data-state={state}
    >
      <i class="dot" />
      <span class="connection-word">{shown.word}</span>
      {connection.kind === 'live' && detail !== undefined && <span class="connection-detail">{detail}</span>}
    </button>
  );
}

function describe(connection: Connection, word: string): { word: string; title: string } {
  switch (connection.kind) {
    case 'live':
      return { word, title: 'Connected. Space pauses and goes on.' };
    case 'connecting':
      return { word: 'Connecting', title: 'Connecting to the server' };
    case 'waiting':
      return {
        word: 'Reconnecting',
        title: `Not connected: ${connection.reason}. It is tried again by itself, and nothing is lost.`,
      };
    case 'closed':
      return { word: 'Resting', title: connection.reason ?? 'Not connected' };
    default:
      connection satisfies never;
      throw new Error('BUG: a connection of unknown kind');
  }
}
