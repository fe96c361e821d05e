/**
 * The clients page: who sends, how much, through which agent, and what an agent has lost or is behind with.
 */
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { paths } from '../../api/paths.ts';
import { actOfKey, keyNameFromDom } from '../../viewer/keys.ts';
import { sanitize } from '../../viewer/sanitize.ts';
import { plural, showWhole } from '../figures.ts';
import { FindBox } from '../find-box.tsx';
import { Toasts } from '../toasts.tsx';
import { ConnectionShown, TopBar } from '../top-bar.tsx';
import { useHelp } from '../use-help.tsx';
import { ClientLine } from './client-line.tsx';
import { urgencyOf } from './client-rows.ts';
import { ClientsModel } from './clients-model.ts';

/** More are found by name. */
const ROWS_MAX = 500;
const COLUMNS = ['Client', 'Agent', 'Last entry', 'Rate', 'Lag', 'Spool', 'Gaps'] as const;

export async function showClients(host: HTMLElement): Promise<void> {
  const model = new ClientsModel();
  model.start();
  await loadStyle('/assets/clients.css');
  render(<ClientsPage model={model} />, host);
}

function ClientsPage({ model }: { readonly model: ClientsModel }) {
  const help = useHelp();
  const rows = model.rows.value;
  const all = model.all.value ?? [];
  const urgent = all.filter((row) => urgencyOf(row) > 1).length;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => onClientsKey(event, model, () => help.show());
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [model]);
  useEffect(() => {
    document.title = urgent > 0 ? `Clients (${urgent}) · logd` : 'Clients · logd';
  }, [urgent]);

  return (
    <div class="page clients">
      <TopBar current="clients" agentTroubles={urgent} onHelp={() => help.show()}>
        <FindBox
          text={model.find}
          label="Find a client or host"
          onEscape={() => {
            model.find.value = '';
          }}
        />
        <ConnectionShown connection={model.connection.value} word="Live" isPaused={false} onClick={() => {}} />
      </TopBar>
      <main class="clients-area">
        <h1 class="visually-hidden">Clients</h1>
        {model.fault.value !== undefined && (
          <p class="detail-fault" role="alert">
            The clients cannot be shown: {model.fault.value}
          </p>
        )}
        {rows.length > 0 && (
          <table class="clients-table">
            <thead>
              <tr>
                {COLUMNS.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, ROWS_MAX).map((row) => (
                <ClientLine key={row.key} row={row} />
              ))}
            </tbody>
          </table>
        )}
        {rows.length > ROWS_MAX && <p class="clients-more">{showWhole(rows.length - ROWS_MAX)} more: find by name</p>}
        {model.all.value !== undefined && rows.length === 0 && <NobodyThere isFinding={all.length > 0} model={model} />}
      </main>
      <footer class="status">
        <span class="status-count">
          <b>{showWhole(all.length)}</b> {all.length === 1 ? 'client' : 'clients'}
        </span>
        <span class={urgent > 0 ? 'clients-urgent' : ''}>
          {urgent > 0 ? `${plural(urgent, 'agent')} to look at` : all.length > 0 ? 'all is well' : ''}
        </span>
      </footer>
      <Toasts />
      {help.shown}
    </div>
  );
}

/** Resolves also when it cannot be had: a page without its looks is better than none. */
function loadStyle(href: string): Promise<unknown> {
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
  document.head.append(link);
  return new Promise((resolve) => {
    link.addEventListener('load', resolve);
    link.addEventListener('error', resolve);
  });
}

function NobodyThere({ isFinding, model }: { readonly isFinding: boolean; readonly model: ClientsModel }) {
  return (
    <div class="clients-nobody">
      <h2>{isFinding ? `No client or host with "${sanitize(model.find.value)}"` : 'Nobody has sent anything yet'}</h2>
      {isFinding ? (
        <button
          type="button"
          onClick={() => {
            model.find.value = '';
          }}
        >
          Show all
        </button>
      ) : (
        <p>
          <a href={paths.view}>The view</a> says how to send the first entries.
        </p>
      )}
    </div>
  );
}

function onClientsKey(event: KeyboardEvent, model: ClientsModel, showHelp: () => void): void {
  if (event.target instanceof HTMLInputElement || document.querySelector('dialog[open]')) return;
  const name = keyNameFromDom(event);
  switch (name === undefined ? undefined : actOfKey(name, 'page')) {
    case 'down':
      moveFocus(1);
      break;
    case 'up':
      moveFocus(-1);
      break;
    case 'search':
    case 'filter':
      document.querySelector<HTMLInputElement>('#search')?.focus();
      break;
    case 'clear-filter':
    case 'close':
      model.find.value = '';
      break;
    case 'tickets':
      location.assign(paths.ticketsPage);
      break;
    case 'clients':
      location.assign(paths.view);
      break;
    case 'help':
      showHelp();
      break;
    default:
      return;
  }
  event.preventDefault();
}

/** From one client to the next; Enter is the link's own. */
function moveFocus(step: number): void {
  const links: readonly (Element | null)[] = [...document.querySelectorAll('.client-name')];
  const now = links.indexOf(document.activeElement);
  const next = links[now === -1 ? 0 : Math.max(0, Math.min(links.length - 1, now + step))];
  if (next instanceof HTMLElement) next.focus();
}
