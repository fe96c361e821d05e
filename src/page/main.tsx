/**
 * Where the pages begin: the path says which one it is, and only that one is loaded.
 */
import { effect } from '@preact/signals';
import { paths } from '../api/paths.ts';
import { theme } from './preferences.ts';

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

const host = document.getElementById('page');
if (!host) throw new Error('BUG: the document has no place for the page');
await showPage(location.pathname, host);

async function showPage(path: string, place: HTMLElement): Promise<void> {
  if (path === paths.signIn) (await import('./sign-in/sign-in-page.tsx')).showSignIn(place);
  else if (path === paths.ticketsPage) (await import('./tickets/tickets-page.tsx')).showTickets(place);
  else if (path === paths.clientsPage) await (await import('./clients/clients-page.tsx')).showClients(place);
  else (await import('./view/view-page.tsx')).showView(place);
}
