/** Runs in a server that is measured, before it, and leaves it as it is: `--import`. */
import { openSync, readSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { writeHeapSnapshot } from 'node:v8';
import { answerCalls } from './calls.ts';

const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
const inspector = new Session();

/** Of this thread, which is the event loop's: ns that it ran, ns that it was ready to and had no core, how often. */
const SCHEDSTAT = `/proc/self/task/${process.pid}/schedstat`;
const TICK_MS = 2;

/** Turns of the event loop, by how long this thread ran between two looks. */
const turns = {
  longestMs: 0,
  timer: undefined as NodeJS.Timeout | undefined,
  file: undefined as number | undefined,
  text: Buffer.alloc(64),

  /** Since it began, in ms. */
  waitedMs(): number {
    this.file ??= openSync(SCHEDSTAT, 'r');
    const length = readSync(this.file, this.text, 0, this.text.length, 0);
    return Number(this.text.toString('latin1', 0, length).split(' ')[1]) / 1e6;
  },

  watch(): void {
    this.longestMs = 0;
    let at = performance.now();
    let waited = this.waitedMs();
    this.timer = setInterval(() => {
      const [now, waitedNow] = [performance.now(), this.waitedMs()];
      this.longestMs = Math.max(this.longestMs, now - at - TICK_MS - (waitedNow - waited));
      [at, waited] = [now, waitedNow];
    }, TICK_MS);
    this.timer.unref();
  },

  finish(): number {
    clearInterval(this.timer);
    return this.longestMs;
  },
};

const functions = {
  /** Frees what nobody holds any more, so that memory is compared and not garbage. */
  async collect(): Promise<void> {
    for (let time = 0; time < 3; time += 1) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
  watchLoop(): void {
    delay.reset();
    delay.enable();
    turns.watch();
  },
  /** The longest turn of the event loop since it is watched, in ms, without the time in which others had its core. */
  longestOwnMs(): number {
    return turns.finish();
  },
  /** The longest block of the event loop since it is watched, in ms. */
  longestBlockMs(): number {
    delay.disable();
    return delay.count === 0 ? 0 : Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
  },
  heapUsed: (): number => process.memoryUsage().heapUsed,
  heapSnapshot: (file: string): string => writeHeapSnapshot(file),
  async startProfile(): Promise<void> {
    inspector.connect();
    await post('Profiler.enable');
    await post('Profiler.setSamplingInterval', { interval: 200 });
    await post('Profiler.start');
  },
  async stopProfile(file: string): Promise<void> {
    const { profile } = await post<{ profile: object }>('Profiler.stop');
    writeFileSync(file, JSON.stringify(profile));
    inspector.disconnect();
  },
};

export type Probe = typeof functions;

function post<T>(method: string, params: object = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    inspector.post(method, params, (error, result) => (error ? reject(error) : resolve(result as T)));
  });
}

answerCalls(functions);
// The server decides when it is over, not we.
process.channel?.unref();
