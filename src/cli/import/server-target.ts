/**
 * An import into a server: batches by POST /logs, one after another, each repeated until it is answered.
 */
import { createPoster, type PostResult } from '../../agent/post.ts';
import type { ApiClient } from '../../api/client.ts';
import { ApiError } from '../../api/failure.ts';
import { STATE_IDS_MAX } from '../../entry/limits.ts';
import { CommandError } from '../exit.ts';
import { searchServer } from '../searchable.ts';
import type { Patience } from './patience.ts';
import type { ImportTarget, StoreOutcome } from './target.ts';

export interface ServerTargetOptions {
  /** For states, with the view token. */
  readonly client: ApiClient;
  /** For entries. */
  readonly ingestToken: string | undefined;
  readonly ca: string | undefined;
  readonly patience: Patience;
  readonly stop: AbortSignal;
}

export function createServerTarget(options: ServerTargetOptions): ImportTarget {
  const { client, ingestToken, ca, patience, stop } = options;
  const { serverUrl } = client;
  const post = createPoster({ token: ingestToken, ca, userAgent: 'logd-import' });
  const searchable = searchServer(client, stop);

  async function patiently<Result>(ask: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        const result = await ask();
        patience.succeeded();
        return result;
      } catch (error) {
        if (stop.aborted || !(error instanceof ApiError) || !error.mayPass) throw error;
        const { message, retryAfterMs, type } = error;
        await patience.wait({ message, retryAfterMs, hasAnswered: type === 'unavailable' });
        stop.throwIfAborted();
      }
    }
  }

  return {
    async store(producer, { sequence, body }) {
      for (;;) {
        const result = await post(serverUrl, { producer, sequence, encoding: 'identity' }, body, stop);
        const outcome = judge(result, serverUrl);
        if (outcome.kind === 'stored') {
          patience.succeeded();
          return outcome;
        }
        if (!stop.aborted) await patience.wait(outcome);
        stop.throwIfAborted();
      }
    },
    entries: {
      newest: (wanted, limit) => patiently(() => searchable.newest(wanted, limit)),
    },
    async changeState(ids, { note, noteAuthor, noteMs, ...change }) {
      for (let from = 0; from < ids.length; from += STATE_IDS_MAX) {
        const some = ids.slice(from, from + STATE_IDS_MAX);
        if (Object.keys(change).length > 0) await patiently(() => client.changeStates(some, change, stop));
        if (note === undefined) continue;
        const by = {
          ...(noteAuthor === undefined ? {} : { noteAuthor }),
          ...(noteMs === undefined ? {} : { noteMs }),
        };
        for (const id of some) await patiently(() => client.bringNote(id, { note, ...by }, stop));
      }
    },
    async close() {},
  };
}

type Judged =
  | ({ readonly kind: 'stored' } & StoreOutcome)
  | {
      readonly kind: 'trouble';
      readonly message: string;
      readonly hasAnswered: boolean;
      readonly retryAfterMs?: number | undefined;
    };

/** @throws CommandError for what no waiting mends */
function judge(result: PostResult, serverUrl: string): Judged {
  switch (result.kind) {
    case 'stored':
      return result;
    case 'aborted':
      return { kind: 'trouble', message: 'stopped', hasAnswered: true };
    case 'no-answer':
      return {
        kind: 'trouble',
        message: `cannot reach ${serverUrl}: ${result.reason}. Is "logd serve" running there, is the address of --server right?`,
        hasAnswered: false,
      };
    case 'try-again':
      return {
        kind: 'trouble',
        message: `${serverUrl} does not take logs just now: ${result.reason}`,
        hasAnswered: true,
        retryAfterMs: result.retryAfterMs,
      };
    case 'refused':
      throw new CommandError(`${serverUrl} refuses the entries (${result.status}): ${result.reason}`);
    case 'not-allowed':
      throw new CommandError(
        `${serverUrl} refuses this import (${result.status}): ${result.reason}. Give the server's tokens with --token-file FILE`,
      );
    case 'wrong-server':
      throw new CommandError(
        `${serverUrl} answers, but not as logd does (${result.status}): ${result.reason}. Check the address of --server`,
      );
    default:
      result satisfies never;
      throw new Error('BUG: the result of a post of unknown kind');
  }
}
