/**
 * An agent in a process of its own, to be killed: `node agent-process.ts <options as JSON>`.
 */
import { runAgent } from '../../src/agent/agent.ts';
import { fileSource } from '../../src/agent/sources/file.ts';
import { realClock } from '../../src/system/clock.ts';
import { realFiles } from '../../src/system/files.ts';

export interface AgentProcessOptions {
  readonly server: string;
  readonly path: string;
  readonly stateFolder: string;
  readonly spoolBytesMax: number;
}

const { server, path, stateFolder, spoolBytesMax } = JSON.parse(process.argv[2] ?? '{}') as AgentProcessOptions;
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
const timing = { pollMs: 10, scanMs: 20, rotationGraceMs: 100, lingerMs: 500 };
const end = await runAgent(
  {
    servers: [server],
    sources: [fileSource({ patterns: [path], from: 'start', clientId: 'web-1', lineBytesMax: 65_536, timing })],
    stateFolder,
    spoolBytesMax,
    once: false,
    timeoutsMs: { connect: 1_000, response: 500, socket: 1_000 },
  },
  {
    files: realFiles,
    clock: realClock,
    stop: stop.signal,
    reporter: ({ severity, message }) => process.stderr.write(`${severity}: ${message}\n`),
  },
);
if (end.kind === 'failed') process.stderr.write(`failed: ${end.reason}\n`);
