/**
 * The way to the hub: in the browser's shared worker, so that all pages have one stream, or in this page where there is no
 * such thing.
 */
import { Hub } from './hub.ts';
import type { FromHub, ToHub } from './messages.ts';

declare global {
  /** The address of the built shared worker. */
  const LINE_SCRIPT: string;

  interface Window {
    // Not in every browser.
    readonly trustedTypes?: {
      createPolicy(
        name: string,
        rules: { createScriptURL(url: string): string },
      ): { createScriptURL(url: string): string };
    };
  }
}

export interface HubPort {
  say(message: ToHub): void;
}

/** Says of a script's address that it is ours: the pages' policy lets no other start. */
const policy = window.trustedTypes?.createPolicy('logd', {
  createScriptURL: (url) => {
    if (url !== LINE_SCRIPT) throw new Error(`BUG: "${url}" is no script of the pages`);
    return url;
  },
});

let ownHub: Hub | undefined;
/** The shared worker has failed once: it is not tried again by this page. */
let isOnItsOwn = false;

/** A port of its own for each line. @param hear called later than this returns */
export function reachHub(hear: (message: FromHub) => void): HubPort {
  const shared = isOnItsOwn ? undefined : reachShared(hear);
  if (shared) return shared;
  ownHub ??= new Hub();
  const say = ownHub.connect((message) => queueMicrotask(() => hear(message)));
  return { say };
}

/** From now on lines are this page's own. */
export function giveUpShared(): void {
  isOnItsOwn = true;
}

export function isShared(): boolean {
  return !isOnItsOwn && typeof SharedWorker !== 'undefined';
}

function reachShared(hear: (message: FromHub) => void): HubPort | undefined {
  if (!isShared()) return undefined;
  try {
    const worker = new SharedWorker(policy?.createScriptURL(LINE_SCRIPT) ?? LINE_SCRIPT);
    worker.port.onmessage = ({ data }: MessageEvent<FromHub>) => hear(data);
    return { say: (message) => worker.port.postMessage(message) };
  } catch {
    // Forbidden by the browser's settings: the page has a line of its own then.
    giveUpShared();
    return undefined;
  }
}
