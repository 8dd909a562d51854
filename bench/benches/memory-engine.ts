import { systemClock } from '../../server/clock.ts';
import type { Engine } from '../../server/engine/engine.ts';
import { openMemoryEngine } from '../../server/engine/memory/memory-engine.ts';
import { openLmdbStore } from '../../server/engine/memory/store/lmdb-store.ts';
import { temporaryFolder } from '../../test/support/places.ts';
import type { Bench } from '../harness/bench.ts';
import { memoryKb } from '../harness/process-cost.ts';

const AGENTS = 50_000;
const SMALL = 1_000;
const PER_ACCOUNT = 1_000;
const TABS = [0, 1, 2];
const SWEEPS = 50;
const TOUCHES = 20_000;

/** The embedded engine on its store, in this process: what one node without Redis holds. */
export default {
  what: 'the memory engine: an agent with three tabs, touch and sweep',
  async run({ rounds, scaled }) {
    const agents = scaled(AGENTS);
    const log = { error: console.error, warn() {}, info() {} };
    const store = await openLmdbStore(temporaryFolder('bench-store'));
    const engine = await openMemoryEngine({
      leadMs: 60_000,
      minTimeoutMs: 900_000,
      clock: systemClock,
      store,
      relay() {},
      log,
    });
    const found = {
      small: [] as number[],
      large: [] as number[],
      touchSmall: [] as number[],
      touch: [] as number[],
    };
    await fill(engine, 0, SMALL);
    for (let round = 0; round < rounds; round += 1) {
      found.touchSmall.push(await touchMicros(engine, SMALL));
      found.small.push(await sweepMicros(engine));
    }
    const before = memoryKb(process.pid).rss;
    await fill(engine, SMALL, agents);
    await engine.sweep();
    const rss = ((memoryKb(process.pid).rss - before) * 1_024) / (agents - SMALL);
    for (let round = 0; round < rounds; round += 1) {
      found.touch.push(await touchMicros(engine, agents));
      found.large.push(await sweepMicros(engine));
    }
    await engine.close();
    const size = agents.toLocaleString('en');
    const atSmall = (values: number[]) => ({ what: 'with 1,000', found: values });
    return [
      {
        what: `RSS of an agent with three tabs, of ${size}, audit and store's map in it`,
        unit: 'B',
        vigil: [rss],
      },
      {
        what: `touch and the store of it, ${size} agents`,
        unit: 'µs an agent',
        vigil: found.touch,
        baseline: atSmall(found.touchSmall),
      },
      {
        what: `sweep with nothing due, ${size} agents`,
        unit: 'µs',
        vigil: found.large,
        baseline: atSmall(found.small),
      },
    ];
  },
} satisfies Bench;

function loginOf(index: number) {
  return {
    account: `desk-${Math.floor(index / PER_ACCOUNT)}`,
    agent: `agent-${index}`,
    sid: `sid-of-${index}-0123456789abcdef`,
  };
}

async function fill(engine: Engine, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 500) {
    const now = Date.now();
    const some = Array.from({ length: Math.min(500, to - start) }, (_, i) => start + i);
    const more = { loginAt: now, issuedAt: now, name: 'Agent', permissions: [], autoAssign: true };
    await Promise.all(some.map((index) => engine.admit({ ...loginOf(index), ...more })));
    await Promise.all(
      some.flatMap((index) =>
        TABS.map((tab) => engine.admit({ ...loginOf(index), ...more }, `tab-${tab}-of-${index}`)),
      ),
    );
  }
}

/** CPU of this process, the sweep that stores them included. */
function touchMicros(engine: Engine, agents: number): Promise<number> {
  return cpuMicros(TOUCHES, async () => {
    for (let done = 0; done < TOUCHES; done += 500) {
      const at = engine.now();
      await engine.touch(
        Array.from({ length: 500 }, () => ({ ...loginOf(Math.floor(Math.random() * agents)), at })),
      );
    }
    await engine.sweep();
  });
}

function sweepMicros(engine: Engine): Promise<number> {
  return cpuMicros(SWEEPS, async () => {
    for (let done = 0; done < SWEEPS; done += 1) await engine.sweep();
  });
}

async function cpuMicros(count: number, run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}
