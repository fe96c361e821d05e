/**
 * Where the pages begin: the path says which one it is.
 */
import { effect } from '@preact/signals';
import { type ComponentChild, render } from 'preact';
import { paths } from '../api/paths.ts';
import { theme } from './preferences.ts';
import { SignInPage } from './sign-in/sign-in-page.tsx';
import { TicketsModel } from './tickets/tickets-model.ts';
import { TicketsPage } from './tickets/tickets-page.tsx';
import { ViewModel } from './view/view-model.ts';
import { ViewPage } from './view/view-page.tsx';

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

const host = document.getElementById('page');
if (!host) throw new Error('BUG: the document has no place for the page');
render(pageFor(location.pathname), host);

function pageFor(path: string): ComponentChild {
  if (path === paths.signIn) return <SignInPage />;
  if (path === paths.ticketsPage) {
    const model = new TicketsModel();
    model.start();
    return <TicketsPage model={model} />;
  }
  const model = new ViewModel();
  model.start();
  return <ViewPage model={model} />;
}
