/**
 * What stands in place of the rows while there are none: how to send the first log to this server, or why nothing is
 * found and how to see more.
 */
import { useState } from 'preact/hooks';
import { paths } from '../../api/paths.ts';
import { copyText } from '../clipboard.ts';
import { Icon } from '../icons.tsx';
import { post } from '../request.ts';
import { sayWrong } from '../toasts.tsx';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export function FirstRun() {
  const [isSending, setSending] = useState(false);
  const address = location.origin;
  // Off loopback a server asks for a token, and what reads logs here must not be able to send them.
  const needsToken = !LOOPBACK.test(location.hostname);
  const ways: readonly (readonly [string, string])[] = [
    [
      'From any machine',
      `curl -d '{"level":"INFO","message":"hello","client_id":"web-1"}' \\\n  -H 'Content-Type: application/json' ${needsToken ? '-H "Authorization: Bearer $LOGD_TOKEN" \\\n  ' : ''}${address}${paths.log}`,
    ],
    ['The log of a machine', `logd ship --server ${address} --source syslog`],
    ['Files, and what is added to them', `logd ship --server ${address} --source file --path '/var/log/app/*.log'`],
    [
      'rsyslog, in /etc/rsyslog.d/90-logd.conf',
      `module(load="omprog")\n*.* action(type="omprog"\n  binary="/usr/local/bin/logd ship --source stdin --server ${address} --state /var/lib/logd-rsyslog")`,
    ],
    ['A Docker container', `docker logs -f web 2>&1 | logd ship --server ${address} --source stdin --client-id web`],
  ];
  const sendOne = async () => {
    setSending(true);
    const answer = await post(paths.log, { level: 'INFO', message: 'Hello from the browser.', client_id: 'browser' });
    setSending(false);
    if (!answer.ok) sayWrong(`The entry was not taken: ${answer.message}`);
  };
  return (
    <div class="first-run">
      <h1>Nothing logged yet</h1>
      <p>Send the first entry one of these ways: it appears here by itself.</p>
      <ul>
        {ways.map(([title, command]) => (
          <li key={title}>
            <h2>{title}</h2>
            <div class="command">
              <pre>{command}</pre>
              <button
                type="button"
                class="quiet"
                aria-label={`Copy: ${title}`}
                title="Copy"
                onClick={() => void copyText(command, 'Command')}
              >
                <Icon name="copy" />
              </button>
            </div>
          </li>
        ))}
      </ul>
      {needsToken ? (
        <p class="hint">
          <code>LOGD_TOKEN</code> is what stands after <code>ingest:</code> in the file <code>tokens</code> of the
          server’s data folder.
        </p>
      ) : (
        <button type="button" disabled={isSending} onClick={() => void sendOne()}>
          Send one from here
        </button>
      )}
    </div>
  );
}

export interface NothingFoundProps {
  readonly hasRange: boolean;
  readonly isLive: boolean;
  onAllTimes(): void;
  onClear(): void;
}

export function NothingFound({ hasRange, isLive, onAllTimes, onClear }: NothingFoundProps) {
  return (
    <div class="nothing">
      <h1>Nothing matches</h1>
      <p>{isLive ? 'What arrives and matches will appear here.' : 'No entry in this range matches.'}</p>
      <div class="nothing-acts">
        {hasRange && (
          <button type="button" onClick={onAllTimes}>
            Search all times
          </button>
        )}
        <button type="button" onClick={onClear}>
          Clear the filter
        </button>
      </div>
    </div>
  );
}
