/**
 * The shared worker of all pages of a browser: its hub, and a port for each page that comes.
 */
import { Hub } from './hub.ts';
import type { ToHub } from './messages.ts';

/** What TypeScript knows of a shared worker stands in another library than what it knows of a page. */
interface SharedScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

const hub = new Hub();

(globalThis as unknown as SharedScope).onconnect = ({ ports: [port] }) => {
  if (!port) return;
  const hear = hub.connect((message) => port.postMessage(message));
  port.onmessage = ({ data }: MessageEvent<ToHub>) => {
    hear(data);
    if (data.kind === 'leave') port.close();
  };
};
