/**
 * An agent that follows files of a temporary folder, with short times, and a server that remembers what arrives.
 */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileSource } from '../../src/agent/sources/file.ts';
import { type AgentRun, startAgent } from './agent-run.ts';
import { temporaryFolder } from './folder.ts';
import { type IngestSink, startIngestSink } from './ingest-sink.ts';

export const TIMING = { pollMs: 10, scanMs: 20, rotationGraceMs: 400, lingerMs: 1_000 };

export interface Scene {
  readonly folder: string;
  readonly path: string;
  readonly sink: IngestSink;
  readonly state: string;
  start(options?: {
    from?: 'start' | 'end';
    once?: boolean;
    patterns?: string[];
    lineBytesMax?: number;
    spoolBytesMax?: number;
  }): AgentRun;
  append(text: string | Buffer, path?: string): void;
  /** Waits until these are the messages, and no others. */
  arrived(messages: readonly string[], deadlineMs?: number): Promise<void>;
}

export async function scene(t: TestContext): Promise<Scene> {
  const folder = temporaryFolder(t);
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  const path = join(logs, 'a.log');
  const state = join(folder, 'state');
  const sink = await startIngestSink();
  t.after(() => sink.close());
  return {
    folder: logs,
    path,
    sink,
    state,
    start({ from = 'start', once = false, patterns = [path], lineBytesMax = 65_536, ...rest } = {}) {
      const [first = path, ...others] = patterns;
      const source = fileSource({
        patterns: [first, ...others],
        from,
        clientId: 'web-1',
        lineBytesMax,
        timing: TIMING,
      });
      return startAgent(t, { server: sink.url, sources: [source], stateFolder: state, once, ...rest });
    },
    append: (text, to = path) => appendFileSync(to, text),
    async arrived(messages, deadlineMs) {
      try {
        await sink.until(() => sink.messages().length >= messages.length, `${messages.length} lines`, deadlineMs);
      } finally {
        assert.deepEqual(sink.messages(), messages);
      }
    },
  };
}

/** Two looks at everything: whatever would arrive wrongly has arrived. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2 * (TIMING.scanMs + TIMING.pollMs) + 150));
}

/** Long enough for the rotation to be seen, and not for the old file to be let go. */
export async function withinGrace(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, TIMING.scanMs + 80));
}
