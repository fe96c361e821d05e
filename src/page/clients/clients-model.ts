/**
 * What the clients page shows: the server's list, asked for again and again while somebody looks.
 */
import { computed, signal } from '@preact/signals';
import { paths } from '../../api/paths.ts';
import type { ClientsBody } from '../../api/types.ts';
import type { Connection } from '../../viewer/connection.ts';
import { get } from '../request.ts';
import { type ClientRow, Rates, rowsOf } from './client-rows.ts';

const ASK_MS = 2_000;
/** Asked again after that many times as long as the last answer took. */
const COST_FACTOR = 10;

export class ClientsModel {
  readonly all = signal<readonly ClientRow[] | undefined>(undefined);
  readonly find = signal('');
  readonly connection = signal<Connection>({ kind: 'connecting' });
  /** Why there is nothing to show. */
  readonly fault = signal<string | undefined>(undefined);
  readonly rows = computed(() => {
    const wanted = this.find.value.trim().toLowerCase();
    return (this.all.value ?? []).filter(
      ({ clientId, agent }) =>
        clientId.toLowerCase().includes(wanted) || agent?.host.toLowerCase().includes(wanted) === true,
    );
  });
  readonly #rates = new Rates();
  #timer: number | undefined;

  start(): void {
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.#ask();
    });
    void this.#ask();
  }

  async #ask(): Promise<void> {
    window.clearTimeout(this.#timer);
    const startedMs = performance.now();
    const answer = await get<ClientsBody>(paths.clients);
    const nowMs = performance.now();
    if (answer.ok) {
      this.#rates.add(answer.body.clients, nowMs);
      this.all.value = rowsOf(answer.body, (clientId) => this.#rates.of(clientId));
      this.connection.value = { kind: 'live' };
      this.fault.value = undefined;
    } else {
      this.connection.value = { kind: 'waiting', reason: answer.message, retryAtMs: Date.now() + ASK_MS };
      if (this.all.value === undefined) this.fault.value = answer.message;
    }
    if (document.visibilityState === 'hidden') return;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), Math.max(ASK_MS, (nowMs - startedMs) * COST_FACTOR));
  }
}
