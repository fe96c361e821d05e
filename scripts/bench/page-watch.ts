/**
 * A page in a browser that is looked at while it works: when its rows stand, how many frames it draws, how long its tasks
 * take, what memory it holds. Only what a person would see counts as done.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { median } from './median.ts';

export interface Flooded {
  /** Frames in each whole second. */
  readonly framesMedian: number;
  readonly framesFewest: number;
  /** 0: none was longer than 50 ms, from where browsers tell of them. */
  readonly longestTaskMs: number;
  /** What the longest took of a processor: other work on the machine does not count. */
  readonly longestTaskCpuMs: number;
  /** Of the page, 10^6 bytes, the most that was seen; what is not collected yet counts. */
  readonly heapMb: number;
}

export interface WatchedPage {
  /** From the beginning of the navigation to the frame with the first rows. */
  firstRowsMs(): Promise<number>;
  /** Resolves when chart and facets are of what is asked. */
  untilFigures(): Promise<void>;
  /** From a click on a level's facet to the frame whose rows are all of it, and to the frame with all figures. */
  clickFacet(level: string, letters: string): Promise<{ readonly rowsMs: number; readonly figuresMs: number }>;
  during(work: () => Promise<void>): Promise<Flooded>;
  /** Resolves when the page says that so many are stored. */
  untilTotal(count: number): Promise<void>;
  close(): Promise<void>;
}

const DEADLINE_MS = 30_000;
const LOOK_MS = 50;
const HEAP_LOOK_MS = 500;
const SECOND_MS = 1_000;

export async function openWatched(browser: Browser, url: string): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(watchInPage);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable');
  await page.goto(url);

  async function until<Value>(what: string, read: () => Promise<Value | undefined>): Promise<Value> {
    for (const endMs = performance.now() + DEADLINE_MS; performance.now() < endMs; await sleep(LOOK_MS)) {
      const value = await read();
      if (value !== undefined) return value;
    }
    throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
  }

  async function heapMb(): Promise<number> {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 1e6;
  }

  return {
    firstRowsMs: () => until('rows are shown', () => page.evaluate(() => watched().firstRowsMs)),
    untilFigures: async () => {
      await until('the figures are there', () => page.evaluate(() => watched().hasFigures() || undefined));
    },
    async clickFacet(level, letters) {
      return page.evaluate(async ([wanted, text]) => watched().clickFacet(wanted, text), [level, letters] as const);
    },
    async during(work) {
      await browser.startTracing(page, { categories: ['toplevel'] });
      await page.evaluate(() => watched().begin());
      let most = await heapMb();
      const looking = setInterval(async () => {
        most = Math.max(most, await heapMb());
      }, HEAP_LOOK_MS);
      await work();
      clearInterval(looking);
      const { frameTimesMs, longestTaskMs } = await page.evaluate(() => watched().end());
      const longestTaskCpuMs = longestOfMainThread(await browser.stopTracing());
      const frames = framesBySecond(frameTimesMs);
      const [framesMedian, framesFewest] = [median(frames), Math.min(...frames)];
      return { framesMedian, framesFewest, longestTaskMs, longestTaskCpuMs, heapMb: most };
    },
    async untilTotal(count) {
      const text = count.toLocaleString('en-US');
      await until(`${text} are stored`, () => page.evaluate((shown) => watched().total() === shown || undefined, text));
    },
    close: () => context.close(),
  };
}

/** An event of Chromium's trace; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Of a processor. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Of the renderers' main threads, the page's being the only one that works. */
function longestOfMainThread(trace: Buffer): number {
  const { traceEvents } = JSON.parse(trace.toString()) as { readonly traceEvents: readonly TraceEvent[] };
  const keyOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const isMain = ({ name, args }: TraceEvent) => name === 'thread_name' && args?.name === 'CrRendererMain';
  const mains = new Set(traceEvents.filter(isMain).map(keyOf));
  const tasks = traceEvents.filter((event) => event.tdur !== undefined && mains.has(keyOf(event)));
  return tasks.reduce((longest, { tdur = 0 }) => Math.max(longest, tdur), 0) / 1_000;
}

function framesBySecond(timesMs: readonly number[]): number[] {
  const [first = 0] = timesMs;
  const counts: number[] = [];
  for (const timeMs of timesMs) {
    const second = Math.floor((timeMs - first) / SECOND_MS);
    counts[second] = (counts[second] ?? 0) + 1;
  }
  // The last one is no whole second.
  return Array.from(counts.slice(0, -1), (count) => count ?? 0);
}

interface Watch {
  firstRowsMs: number | undefined;
  hasFigures(): boolean;
  total(): string | undefined;
  clickFacet(level: string, letters: string): Promise<{ rowsMs: number; figuresMs: number }>;
  begin(): void;
  end(): { frameTimesMs: number[]; longestTaskMs: number };
}

/** Only within the page. */
declare function watched(): Watch;

/** Runs in the page, before anything of it does: nothing from outside can be used here. */
function watchInPage(): void {
  const page = globalThis as unknown as {
    watched: () => Watch;
    document: { querySelectorAll(selector: string): ArrayLike<{ textContent: string | null; click(): void }> };
    requestAnimationFrame(run: (timeMs: number) => void): void;
    // What Node knows of it has no long tasks.
    PerformanceObserver: new (
      hear: (list: { getEntries(): { readonly duration: number }[] }) => void,
    ) => {
      observe(options: { readonly type: string }): void;
    };
  };
  const all = (selector: string) => Array.from(page.document.querySelectorAll(selector));
  const rowLevels = () => all('.row:not([hidden]):not(.gap) .row-level').map(({ textContent }) => textContent);
  const nextFrame = () => new Promise<number>((resolve) => page.requestAnimationFrame(resolve));
  let frameTimesMs: number[] = [];
  let longestTaskMs = 0;
  let isCounting = false;
  const watch: Watch = {
    firstRowsMs: undefined,
    hasFigures: () => all('.chart[aria-busy="false"] canvas').length > 0 && all('.status-count b').length > 0,
    total: () => all('.status-count b')[0]?.textContent ?? undefined,
    async clickFacet(level, letters) {
      const startMs = performance.now();
      all(`.facet.level-${level}`)[0]?.click();
      let rowsMs: number | undefined;
      for (;;) {
        await nextFrame();
        const levels = rowLevels();
        if (rowsMs === undefined && levels.length > 0 && levels.every((text) => text === letters)) {
          rowsMs = performance.now() - startMs;
        }
        if (rowsMs !== undefined && watch.hasFigures()) return { rowsMs, figuresMs: performance.now() - startMs };
      }
    },
    begin() {
      frameTimesMs = [];
      longestTaskMs = 0;
      isCounting = true;
      const count = (timeMs: number) => {
        frameTimesMs.push(timeMs);
        if (isCounting) page.requestAnimationFrame(count);
      };
      page.requestAnimationFrame(count);
    },
    end() {
      isCounting = false;
      return { frameTimesMs, longestTaskMs };
    },
  };
  page.watched = () => watch;
  new page.PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration);
  }).observe({ type: 'longtask' });
  const lookForRows = () => {
    if (rowLevels().length === 0) page.requestAnimationFrame(lookForRows);
    else watch.firstRowsMs = performance.now();
  };
  page.requestAnimationFrame(lookForRows);
}
