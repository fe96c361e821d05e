/**
 * Requests to the server that served this page. An answer is a value; a 401 leads to the sign-in page.
 */
import { paths } from '../api/paths.ts';
import type { ErrorBody } from '../api/types.ts';

export type Answer<Body> = { readonly ok: true; readonly body: Body } | ({ readonly ok: false } & Refusal);

export interface Refusal {
  /** 0: the server was not reached. */
  readonly status: number;
  /** For a person: what is wrong and what to do. */
  readonly message: string;
  /** In a query, UTF-16 units from 0. */
  readonly position?: number | undefined;
}

export interface RequestOptions {
  readonly parameters?: Readonly<Record<string, string | number | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** Answers tell the server's time to the second: a difference below is none. */
const CLOCK_SLACK_MS = 2_000;

let aheadMs = 0;

/** How far the server's clock is ahead of this browser's, as the last answer told. */
export function serverAheadMs(): number {
  return aheadMs;
}

export function get<Body>(path: string, options: RequestOptions = {}): Promise<Answer<Body>> {
  return ask<Body>(withParameters(path, options.parameters), { signal: options.signal ?? null });
}

export function post<Body>(path: string, body: unknown): Promise<Answer<Body>> {
  return ask<Body>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function withParameters(path: string, parameters: RequestOptions['parameters'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Leaves for the sign-in page, which comes back to where the person was. */
export function goToSignIn(): void {
  const here = location.pathname + location.search;
  location.assign(withParameters(paths.signIn, { next: here }));
}

async function ask<Body>(path: string, init: RequestInit): Promise<Answer<Body>> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') {
      return { ok: false, status: 0, message: 'The request was given up for a newer one.' };
    }
    return { ok: false, status: 0, message: 'The server cannot be reached. Check that logd serve is running.' };
  }
  const toldMs = Date.parse(response.headers.get('date') ?? '') - Date.now();
  aheadMs = Math.abs(toldMs) > CLOCK_SLACK_MS ? toldMs : 0;
  if (response.ok) {
    if (response.status === 204) return { ok: true, body: undefined as Body };
    try {
      return { ok: true, body: (await response.json()) as Body };
    } catch {
      return { ok: false, status: response.status, message: 'The server’s answer was cut off. Try again.' };
    }
  }
  if (response.status === 401 && location.pathname !== paths.signIn) goToSignIn();
  return { ok: false, status: response.status, ...(await refusalOf(response)) };
}

async function refusalOf(response: Response): Promise<{ message: string; position?: number }> {
  try {
    const body = (await response.json()) as Partial<ErrorBody>;
    if (typeof body.error === 'string') {
      return { message: body.error, ...(typeof body.position === 'number' ? { position: body.position } : {}) };
    }
  } catch {
    // A proxy may answer with a page of its own: the status says enough.
  }
  return { message: `The server answered ${response.status}. Try again.` };
}
