/**
 * One client and its agent, as a row of the clients page. What is wrong is said in words too, not by colour alone.
 */
import type { AgentJson } from '../../api/types.ts';
import { sanitize } from '../../viewer/sanitize.ts';
import { plural, showBytes, showPart, showRate, showWhole } from '../figures.ts';
import { showSpan } from '../time-shown.ts';
import type { AgentState, ClientRow } from './client-rows.ts';
import { entriesOf } from './entries-of.ts';

const STATE_WORDS: Readonly<Record<AgentState, string>> = {
  reporting: 'reporting',
  silent: 'silent',
  stopped: 'stopped',
  none: 'no agent',
};
/** Shorter than this is no lag but the way things go. */
const LAG_TOLD_MS = 1_000;

export function ClientLine({ row }: { readonly row: ClientRow }) {
  const { clientId, lastSeenMs, perSecond, agent, state } = row;
  return (
    <tr class={`client-line ${state}`}>
      <th scope="row" data-label="Client">
        <a class="client-name" href={entriesOf(clientId)} title="Show its entries">
          {sanitize(clientId)}
        </a>
      </th>
      <td data-label="Agent">
        <span class={`agent-state ${state}`}>
          <i class="presence" />
          {STATE_WORDS[state]}
          {state === 'silent' && agent && ` for ${showSpan(agent.silent_ms)}`}
        </span>
        {agent && <span class="agent-place">{placeOf(agent)}</span>}
      </td>
      <td data-label="Last entry" class="figure">
        {lastSeenMs === undefined ? 'none yet' : `${showSpan(Math.max(0, Date.now() - lastSeenMs))} ago`}
      </td>
      <td data-label="Rate" class={figureClass((perSecond ?? 0) > 0, false)}>
        {perSecond === undefined ? '·' : showRate(perSecond)}
      </td>
      {agent ? <AgentFigures clientId={clientId} agent={agent} /> : <NoFigures />}
    </tr>
  );
}

function AgentFigures({ clientId, agent }: { readonly clientId: string; readonly agent: AgentJson }) {
  const { spool, gaps, lag_ms, lag_bytes, troubles } = agent;
  const isLagging = troubles.includes('lag');
  const isSpoolFilling = troubles.includes('spool');
  const hasGaps = troubles.includes('gaps');
  const isBehind = lag_ms >= LAG_TOLD_MS || (lag_bytes ?? 0) > 0;
  const isWaiting = spool.lines > 0 || isSpoolFilling;
  return (
    <>
      <td data-label="Lag" class={figureClass(isBehind, isLagging)} title={lagTitle(agent)}>
        {isBehind ? `${showSpan(lag_ms)}${isLagging ? ', growing' : ''}` : 'none'}
        {isBehind && lag_bytes ? <small>{showBytes(lag_bytes)} not read</small> : undefined}
      </td>
      <td data-label="Spool" class={figureClass(isWaiting, isSpoolFilling)} title={spoolTitle(agent)}>
        {isWaiting ? `${showPart(spool.bytes, spool.max_bytes)} full` : 'empty'}
        {isWaiting && <small>{plural(spool.lines, 'line')}</small>}
        {isWaiting && <SpoolBar part={spool.bytes / spool.max_bytes} />}
      </td>
      <td data-label="Gaps" class={figureClass(hasGaps, hasGaps)}>
        {hasGaps ? (
          <a href={entriesOf(clientId, 'source:logd')} title="Show what was lost, as the agent told it">
            {showWhole(gaps.events)}
          </a>
        ) : (
          'none'
        )}
        {hasGaps && <small>{lostOf(agent)}</small>}
      </td>
    </>
  );
}

/** The text beside it says as much. */
function SpoolBar({ part }: { readonly part: number }) {
  return (
    <span class="spool-bar" aria-hidden="true">
      <i style={{ width: `${Math.min(100, part * 100)}%` }} />
    </span>
  );
}

function NoFigures() {
  return (
    <>
      {['Lag', 'Spool', 'Gaps'].map((label) => (
        <td key={label} data-label={label} class="figure calm">
          –
        </td>
      ))}
    </>
  );
}

function figureClass(isTold: boolean, isTrouble: boolean): string {
  return `figure ${isTrouble ? 'trouble' : isTold ? '' : 'calm'}`;
}

function placeOf({ host, version, sources }: AgentJson): string {
  return sanitize(`${host} · ${sources.map(({ name }) => name).join(', ')} · ${version}`);
}

function lagTitle({ lag_ms, lag_bytes }: AgentJson): string {
  const unread = lag_bytes === null ? 'how much is not read is not known' : `${showWhole(lag_bytes)} bytes not read`;
  return `Behind for ${showWhole(lag_ms)} ms; ${unread}`;
}

function spoolTitle({ spool }: AgentJson): string {
  return `${plural(spool.lines, 'line')} wait for the server: ${showBytes(spool.bytes)} of ${showBytes(spool.max_bytes)}`;
}

/** How many lines, as far as it is known. */
function lostOf({ gaps }: AgentJson): string {
  const known = gaps.lines > 0 ? `${plural(gaps.lines, 'line')} lost` : '';
  const unknown = gaps.unknown > 0 ? `${showWhole(gaps.unknown)} of unknown size` : '';
  return [known, unknown].filter((part) => part !== '').join(', ') || 'parts of lines';
}
