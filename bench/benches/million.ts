import { openTabOf } from '../../test/support/engine-tab.ts';
import type { Bench, Figure } from '../harness/bench.ts';
import { type Opened, withOpened } from '../harness/opened.ts';
import { cpuOf } from '../harness/process-cost.ts';
import { inTurn } from '../harness/rounds.ts';
import { memoryOf, usedMemory } from '../simulation/memory.ts';
import { type BareQueue, fillBareQueue } from '../tracked/bare-queue.ts';
import { type Tracked, track } from '../tracked/tracked.ts';

const LARGE = 1_000_000;
const SMALL = 1_000;
const TOUCHES = 16_000;
const SWEEPS = 50;
const TABS = 50_000;
/** Of large accounts there are as many at both sizes; the small ones are as large at both. */
const SHAPES = [
  { perAccount: 10_000, perSmallAccount: 10 },
  { perAccount: 100, perSmallAccount: 100 },
];
const TWICE_AND_A_HALF = { text: '≤ 2.5×', atMostTimes: 2.5 };
const HALF_MORE = { text: '≤ 1.5×', atMostTimes: 1.5 };

export default {
  what: 'touch, sweep and memory in Redis, 1,000 and 1,000,000 tracked sessions',
  async run({ rounds, scaled, say }) {
    const figures: Figure[] = [];
    for (const shape of SHAPES) {
      say(`accounts of ${shape.perAccount}`);
      figures.push(
        ...(await withOpened((opened) => measure(opened, shape, { rounds, large: scaled(LARGE) }))),
      );
    }
    return figures;
  },
} satisfies Bench;

async function measure(
  opened: Opened,
  { perAccount, perSmallAccount }: (typeof SHAPES)[number],
  { rounds, large }: { rounds: number; large: number },
): Promise<Figure[]> {
  const small = opened.using(await track(SMALL, perSmallAccount));
  const many = opened.using(await track(large, perAccount));
  const few = opened.using(await fillBareQueue(small.redis, SMALL));
  const full = opened.using(await fillBareQueue(many.redis, large));
  const shape = `accounts of ${perAccount.toLocaleString('en')}`;
  const redisOf = await inTurn(rounds, {
    one: () => touchMicros(many, 100, 'one account'),
    bare: () => bareMicros(many, full, 100),
    spread: () => touchMicros(many, 1_600, 'all over'),
    smallOne: () => touchMicros(small, 100, 'one account'),
    smallSpread: () => touchMicros(small, 1_600, 'all over'),
    smallBare: () => bareMicros(small, few, 100),
    sweep: () => sweepMicros(many),
    smallSweep: () => sweepMicros(small),
  });
  const node = await inTurn(rounds, {
    one: () => nodeMicros(many, 100),
    spread: () => nodeMicros(many, 1_600),
  });
  const bare = { what: '`ZADD GT`, 100 members', found: redisOf.bare };
  const atSmall = (found: number[]) => ({ what: 'at 1,000', found });
  const figures: Figure[] = [
    {
      what: `touch, 100 agents a call, ${shape}: Redis`,
      unit: 'µs an agent',
      vigil: redisOf.one,
      baseline: bare,
      goal: TWICE_AND_A_HALF,
    },
    {
      what: `touch, 100 a call from all over, ${shape}: Redis`,
      unit: 'µs an agent',
      vigil: redisOf.spread,
      baseline: bare,
      goal: TWICE_AND_A_HALF,
    },
    { what: 'the first: node', unit: 'µs an agent', vigil: node.one, goal: { text: '≤ 2 µs', atMost: 2 } },
    {
      what: 'the second: node',
      unit: 'µs an agent',
      vigil: node.spread,
      goal: { text: '≤ 2 µs', atMost: 2 },
    },
    {
      what: `touch, 100 a call, ${shape}, at a million`,
      unit: 'µs an agent',
      vigil: redisOf.one,
      baseline: atSmall(redisOf.smallOne),
      goal: HALF_MORE,
    },
    {
      what: `touch, 100 a call from all over, ${shape}, at a million`,
      unit: 'µs an agent',
      vigil: redisOf.spread,
      baseline: atSmall(redisOf.smallSpread),
      goal: HALF_MORE,
    },
    {
      what: 'the bare `ZADD GT` likewise, at a million',
      unit: 'µs an agent',
      vigil: redisOf.bare,
      baseline: atSmall(redisOf.smallBare),
    },
    {
      what: `sweep of 16 partitions, nothing due, ${shape}, at a million`,
      unit: 'µs',
      vigil: redisOf.sweep,
      baseline: atSmall(redisOf.smallSweep),
      goal: HALF_MORE,
    },
  ];
  return [...figures, ...(await memoryFigures(many, shape))];
}

async function touchMicros(
  tracked: Tracked,
  atOnce: number,
  from: 'one account' | 'all over',
): Promise<number> {
  const micros = await cpuOf(tracked.redis.pid, async () => {
    for (let done = 0; done < TOUCHES; done += atOnce)
      await tracked.engine.touch(tracked.reports(atOnce, from, 'everybody'));
  });
  return (micros * 1_000) / TOUCHES;
}

async function bareMicros(tracked: Tracked, queue: BareQueue, atOnce: number): Promise<number> {
  const ms = await cpuOf(tracked.redis.pid, async () => {
    for (let done = 0; done < TOUCHES; done += atOnce) await queue.touch(atOnce);
  });
  return (ms * 1_000) / TOUCHES;
}

/** CPU of this process, the engine's node, for the agents that one has; without what it takes to make the reports up. */
async function nodeMicros(tracked: Tracked, atOnce: number): Promise<number> {
  let micros = 0;
  for (let done = 0; done < TOUCHES; done += atOnce) {
    const reports = tracked.reports(atOnce, atOnce === 100 ? 'one account' : 'all over', 'one node');
    const before = process.cpuUsage();
    await tracked.engine.touch(reports);
    const { user, system } = process.cpuUsage(before);
    micros += user + system;
  }
  return micros / TOUCHES;
}

async function sweepMicros({ engine, redis }: Tracked): Promise<number> {
  await engine.sweep();
  const ms = await cpuOf(redis.pid, async () => {
    for (let done = 0; done < SWEEPS; done += 1) await engine.sweep();
  });
  return (ms * 1_000) / SWEEPS;
}

async function memoryFigures(tracked: Tracked, shape: string): Promise<Figure[]> {
  const { engine, redis, sessions, bytes, loginOf } = tracked;
  const { audit } = await memoryOf(redis);
  const before = await usedMemory(redis);
  const tabs = Math.min(TABS, sessions);
  for (let start = 0; start < tabs; start += 500) {
    const some = Array.from({ length: Math.min(500, tabs - start) }, (_, i) => start + i);
    await Promise.all(
      some.map((index) => openTabOf(engine, { ...loginOf(index), tab: `${index}-0123456789abcdef` })),
    );
  }
  const perTab = ((await usedMemory(redis)) - before) / tabs;
  return [
    {
      what: `Redis memory of a session, ${shape}`,
      unit: 'B',
      vigil: [(bytes - audit) / sessions],
      goal: { text: '≤ 400 B', atMost: 400 },
    },
    {
      what: `more for an open tab, ${shape}`,
      unit: 'B',
      vigil: [perTab],
      goal: { text: '≤ 150 B', atMost: 150 },
    },
    { what: `audit log of a beginning session, ${shape}`, unit: 'B', vigil: [audit / sessions] },
  ];
}
