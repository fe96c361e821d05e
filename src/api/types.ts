/**
 * The bodies of the HTTP interface, as both ends see them. Names with underscores are the seed's.
 */
import type { EntryJson } from '../entry/entry.ts';
import type { LevelCounts } from '../entry/level.ts';
import type { TicketStatus } from '../entry/state.ts';

export interface ErrorBody {
  readonly error: string;
  /** In a query, UTF-16 units from 0. */
  readonly position?: number;
}

/** 201 of POST /log. */
export interface LoggedBody {
  readonly status: 'logged';
  readonly id: string;
}

/** 200 of POST /logs. */
export interface BatchBody {
  readonly accepted: number;
  readonly rejected: readonly { readonly line: number; readonly error: string }[];
  readonly first_id?: string;
  readonly last_id?: string;
  readonly duplicate?: true;
}

/** `event: state` of the stream. */
export interface StateEvent {
  readonly uuid: string;
  readonly is_pinned: boolean;
  readonly is_ticket: boolean;
  readonly is_deleted: boolean;
  readonly note?: string;
  readonly note_author?: string;
  /** ISO 8601. */
  readonly note_time?: string;
  readonly ticket_status?: TicketStatus;
  /** A closed ticket opens by itself when the same is said again. Missing: it does not. */
  readonly ticket_reopen?: true;
}

/** 200 of the acts on one entry. */
export interface StateBody extends StateEvent {
  readonly status: 'success';
}

/** `event: gap` of the stream: entries this viewer was too slow for. */
export interface GapEvent {
  readonly missed: number;
}

/** `event: tick` of the stream: the newest id stored, the viewer's position. */
export interface TickEvent {
  readonly id: string;
}

/** GET /api/logs. */
export interface SearchBody {
  readonly logs: readonly EntryJson[];
  readonly cursor: string | null;
  readonly partial?: true;
}

/** GET /api/logs/<uuid>. */
export interface EntryBody {
  readonly log: EntryJson;
  readonly before?: readonly EntryJson[];
  readonly after?: readonly EntryJson[];
}

/** GET /api/histogram. */
export interface HistogramBody {
  readonly buckets: readonly { readonly start: string; readonly counts: LevelCounts }[];
  /** Where the last bucket ends, ISO 8601. */
  readonly until: string;
  readonly partial?: true;
}

/** GET /api/clients. */
export interface ClientsBody {
  readonly clients: readonly {
    readonly client_id: string;
    /** ISO 8601. */
    readonly last_seen: string;
    readonly total: number;
    readonly counts: LevelCounts;
    /** The agent that sends for it, of several the last heard of; missing: it is no agent, or none was heard of. */
    readonly agent?: AgentJson;
    /** All of them, where there are several. */
    readonly agents?: readonly AgentJson[];
  }[];
  /** Agents of which a client has no entry yet, and so is not among those. */
  readonly agents: readonly AgentJson[];
  /** The counts are of what was seen until the time was up. */
  readonly partial?: true;
}

export type AgentTrouble =
  /** Not heard of for 30 s, and it did not say that it ends. */
  | 'silent'
  /** It is behind, and further than some seconds before. */
  | 'lag'
  /** Its spool is more than 80 % full. */
  | 'spool'
  /** It has lost something since its state folder was made. */
  | 'gaps';

/** What an agent last told of itself. */
export interface AgentJson {
  readonly host: string;
  readonly version: string;
  /** Whose entries it sends. */
  readonly clients: readonly string[];
  /** ISO 8601. */
  readonly last_report: string;
  /** Since then, by the server's clock. */
  readonly silent_ms: number;
  /** Bytes of its sources that were not read; null: not known. */
  readonly lag_bytes: number | null;
  /** For how long it has been behind, its spool included. */
  readonly lag_ms: number;
  /** What asks for a person's attention. */
  readonly troubles: readonly AgentTrouble[];
  readonly sources: readonly { readonly name: string; readonly lag_bytes?: number; readonly lag_ms?: number }[];
  readonly spool: {
    readonly batches: number;
    readonly lines: number;
    readonly bytes: number;
    readonly max_bytes: number;
    readonly oldest_ms: number;
  };
  /** Losses since its state folder was made; `unknown`: those where nobody can say how many lines. */
  readonly gaps: { readonly events: number; readonly lines: number; readonly unknown: number };
  /** It has ended as it should. */
  readonly stopped?: true;
}

/** GET /api/tickets: entries with what makes them tickets. */
export interface TicketsBody {
  readonly tickets: readonly TicketJson[];
}

export interface TicketJson extends EntryJson {
  readonly ticket_status: TicketStatus;
  /** ISO 8601. */
  readonly ticket_opened: string;
  readonly ticket_closed?: string;
  /** It opens by itself, when it is closed, and the same is said again: the message, whatever numbers stand in it. */
  readonly ticket_reopen: boolean;
  /** Oldest first. */
  readonly ticket_history: readonly TicketEventJson[];
}

export interface TicketEventJson {
  /** `recurred`: opened by itself. */
  readonly event: 'opened' | 'closed' | 'reopened' | 'recurred';
  /** ISO 8601. */
  readonly time: string;
  readonly author?: string;
  /** Of `recurred`: the id of the entry that said it again. */
  readonly entry?: string;
}
