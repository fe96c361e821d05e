/**
 * "Exactly once" as a whole: two agents follow rotated files and deliver through hostile proxies while agents and server
 * are killed. LOGD_TEST_SEED repeats one run; LOGD_TEST_CHAOS_SEEDS sets how many there are, three at once.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { allEntries, emptyFolder, type Running, run, runToEnd, serve } from '../support/executable.ts';
import { createRandom, type Random } from '../support/faulty-files.ts';
import { type HostileProxy, startHostileProxy } from '../support/hostile-proxy.ts';
import { RestlessWriter } from '../support/restless-writer.ts';
import { until } from '../support/until.ts';

const COUNT = Number(process.env.LOGD_TEST_CHAOS_SEEDS ?? 3);
const FIRST = Number(process.env.LOGD_TEST_SEED ?? 1);
const SEEDS = Array.from({ length: process.env.LOGD_TEST_SEED ? 1 : COUNT }, (_, index) => FIRST + index);
const CHAOS_MS = 6_000;
const KILLS = 7;
const QUIET_DEADLINE_MS = 25_000;

describe('chaos', { concurrency: 3 }, () => {
  for (const seed of SEEDS) {
    test(`chaos: each line of two agents is stored once and in order (LOGD_TEST_SEED=${seed})`, (t) => chaos(t, seed));
  }
});

async function chaos(t: TestContext, seed: number): Promise<void> {
  const random = createRandom(seed);
  const cwd = await emptyFolder(t);
  const server = new Server(cwd);
  t.after(() => server.kill());
  await server.start();
  const agents = await Promise.all(['one', 'two'].map((name) => Agent.create(t, { name, cwd, server, random })));
  const plan = killPlan(random);
  for (const agent of agents) agent.start();
  // What is rotated away before the file was ever seen is nobody's promise.
  for (const { writers } of agents) for (const writer of writers) await server.holds(writer.expected());

  const calm = new AbortController();
  const writing = agents.flatMap(({ writers }) => writers.map((writer) => writer.run(calm.signal)));
  await Promise.all([carryOut(plan, agents, server), pause(CHAOS_MS)]);
  calm.abort();
  await Promise.all(writing);
  for (const { proxy } of agents) proxy.beHonest();
  await Promise.all(agents.map((agent) => agent.finish()));
  await until(() => agents.every(({ proxy }) => proxy.underWay === 0), QUIET_DEADLINE_MS);

  const stored = await allEntries(server.url);
  await server.stop();
  assert.deepEqual(
    messagesInFiles(join(cwd, 'data')),
    stored.map(({ message }) => message),
  );
  const notices = stored.filter(({ message }) => message.startsWith('logd ship: '));
  assert.deepEqual(
    notices.map(({ message }) => message),
    [],
  );
  for (const agent of agents)
    agent.check(
      t,
      stored.map(({ message }) => message),
    );
  const segments = readdirSync(join(cwd, 'data')).filter((name) => name.endsWith('.zst')).length;
  assert.ok(segments > 0, 'nothing was sealed');
  t.diagnostic(
    `${stored.length} lines, ${segments} sealed segments; killed: ${plan.map(({ whom }) => whom).join(' ')}`,
  );
  for (const agent of agents) t.diagnostic(agent.story());
}

// ---- The plan.

interface Kill {
  readonly atMs: number;
  readonly whom: 'server' | 'agent one' | 'agent two';
  /** How long it stays away. */
  readonly awayMs: number;
}

function killPlan(random: Random): Kill[] {
  const whom = ['server', 'agent one', 'agent two'] as const;
  return Array.from({ length: KILLS }, () => ({
    atMs: random() * CHAOS_MS,
    whom: whom[Math.floor(random() * whom.length)] ?? 'server',
    awayMs: random() < 0.5 ? 0 : random() * 800,
  })).sort((a, b) => a.atMs - b.atMs);
}

async function carryOut(plan: readonly Kill[], agents: readonly Agent[], server: Server): Promise<void> {
  const startMs = performance.now();
  const byWhom = Map.groupBy(plan, ({ whom }) => whom);
  await Promise.all(
    [...byWhom].map(async ([whom, kills]) => {
      const victim = whom === 'server' ? server : agents[whom === 'agent one' ? 0 : 1];
      for (const { atMs, awayMs } of kills) {
        await pause(Math.max(0, startMs + atMs - performance.now()));
        await victim?.kill();
        await pause(awayMs);
        await victim?.start();
      }
    }),
  );
}

// ---- Those who take part.

class Server {
  readonly #cwd: string;
  #running: (Running & { readonly url: string; readonly port: number }) | undefined;
  #port = 0;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#running = await serve(['--segment-size', '256KB'], { cwd: this.#cwd, port: this.#port });
    this.#port = this.#running.port;
  }

  async kill(): Promise<void> {
    await this.#running?.kill();
  }

  /** Waits until all of these are there; after the deadline others shall say what is missing. */
  async holds(messages: readonly string[]): Promise<void> {
    for (const startMs = performance.now(); performance.now() - startMs < QUIET_DEADLINE_MS; await pause(100)) {
      const stored = new Set((await allEntries(this.url)).map(({ message }) => message));
      if (messages.every((message) => stored.has(message))) return;
    }
  }

  async stop(): Promise<void> {
    this.#running?.child.kill('SIGTERM');
    assert.equal(await this.#running?.ended(), 0);
  }
}

class Agent {
  readonly name: string;
  readonly proxy: HostileProxy;
  readonly writers: readonly RestlessWriter[];
  readonly #cwd: string;
  readonly #args: readonly string[];
  readonly #server: Server;
  readonly #endsOnce: boolean;
  #running: Running | undefined;
  #said = '';

  private constructor(name: string, cwd: string, server: Server, proxy: HostileProxy, random: Random) {
    this.name = name;
    this.proxy = proxy;
    this.#server = server;
    this.#cwd = join(cwd, name);
    mkdirSync(this.#cwd);
    const paths = ['a.log', 'b.log'].map((file) => join(this.#cwd, file));
    this.writers = paths.map(
      (path, index) => new RestlessWriter({ path, name: `${name}-${index}`, random: fork(random) }),
    );
    const where = ['--server', proxy.url, '--state', join(this.#cwd, 'state'), '--client-id', name];
    this.#args = [
      'ship',
      ...where,
      '--source',
      'file',
      ...paths.flatMap((path) => ['--path', path]),
      '--from',
      'start',
    ];
    this.#endsOnce = random() < 0.5;
  }

  static async create(
    t: TestContext,
    { name, cwd, server, random }: { name: string; cwd: string; server: Server; random: Random },
  ): Promise<Agent> {
    const [forProxy, forAgent] = [fork(random), fork(random)];
    const proxy = await startHostileProxy(server.port, forProxy);
    t.after(() => proxy.close());
    const agent = new Agent(name, cwd, server, proxy, forAgent);
    t.after(() => agent.kill());
    return agent;
  }

  start(): void {
    this.#running = run(this.#args, { cwd: this.#cwd });
  }

  async kill(): Promise<void> {
    await this.#running?.kill();
    this.#said += this.#running?.stderr() ?? '';
  }

  /** Until all is delivered: by the agent that runs, or by one that reads what is there and ends. */
  async finish(): Promise<void> {
    if (this.#endsOnce) {
      await this.kill();
      const { code, stderr } = await runToEnd([...this.#args, '--once'], { cwd: this.#cwd });
      assert.equal(code, 0, stderr);
      return;
    }
    for (const writer of this.writers) await this.#server.holds(writer.expected());
    await this.kill();
  }

  check(t: TestContext, messages: readonly string[]): void {
    for (const writer of this.writers) {
      const got = messages.filter((message) => writer.isOwn(message));
      const expected = writer.expected();
      const first = expected.findIndex((line, index) => got[index] !== line);
      if (first === -1 && got.length === expected.length) continue;
      t.diagnostic(this.#said);
      assert.fail(
        `${got.length} lines instead of ${expected.length}, first fault at ${first}: ${got.slice(Math.max(0, first - 1), first + 2).join(' | ')}`,
      );
    }
  }

  story(): string {
    const met = [...this.proxy.met].map(([misfortune, count]) => `${misfortune} ${count}`).join(', ');
    const rotations = this.writers.map(({ rotations, packed }) => `${rotations} (${packed} packed)`).join(' and ');
    return `agent ${this.name}: ${met}; rotations ${rotations}; ends ${this.#endsOnce ? 'with --once' : 'following'}`;
  }
}

/** A stream of its own, so that whoever draws more changes nothing for the others. */
function fork(random: Random): Random {
  return createRandom(Math.floor(random() * 2 ** 32));
}

/** As a person reads them, sealed segments first. */
function messagesInFiles(folder: string): string[] {
  const older = readdirSync(folder)
    .filter((name) => /^app-.*\.log(\.zst)?$/.test(name))
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      return (name.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes).toString();
    });
  const text = older.join('') + readFileSync(join(folder, 'app.log'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => /\[ID:[0-9a-f-]{36}\] - ([^\t]*)/.exec(line)?.[1] ?? `not an entry: ${line}`);
}
