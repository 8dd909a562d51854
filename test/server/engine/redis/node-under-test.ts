import { expect } from 'chai';
import type { Emission, Engine, Login } from '../../../../server/engine/engine.ts';
import {
  openRedisEngine,
  type RedisEngineOptions,
} from '../../../../server/engine/redis/open-redis-engine.ts';
import type { EventType, VigilEvent } from '../../../../shared/events.ts';
import { LEAD, MIN_TIMEOUT, START } from '../../../contract/engine/harness.ts';
import { cleanupAfterAll, cleanupAfterEach } from '../../../support/cleanup.ts';
import { createTestClock, type TestClock } from '../../../support/clock.ts';
import { type RedisServer, startRedis } from '../../../support/redis.ts';
import { STRICT, severable } from '../../../support/redis-engine.ts';

/** One of several nodes on a Redis, without sockets around it. */
export interface NodeUnderTest {
  engine: Engine;
  told: Emission[];
  /** What it warned of. */
  warnings: string[];
  events(type?: EventType): VigilEvent[];
  /** kill -9: nothing more gets through, in either direction. */
  kill(): void;
  /** From now on what it asks for is done, and no answer comes back; until it hears again. */
  deafen(): void;
  hear(): void;
  close(): Promise<void>;
}

export interface NodeSettings extends Partial<RedisEngineOptions> {
  target: RedisEngineOptions['target'];
  clock: TestClock | RedisEngineOptions['clock'];
}

export async function openNode(settings: NodeSettings): Promise<NodeUnderTest> {
  const told: Emission[] = [];
  const warnings: string[] = [];
  const wire = severable();
  const engine = await openRedisEngine({
    leadMs: LEAD,
    minTimeoutMs: MIN_TIMEOUT,
    partitions: 4,
    relay: (emission) => {
      if (!wire.severed) told.push(emission);
    },
    log: { ...STRICT, warn: (_fields, message) => void warnings.push(message) },
    openLink: wire.open,
    ...settings,
  });
  return {
    engine,
    told,
    warnings,
    events(type) {
      const all = told.flatMap(({ events }) => events);
      return type === undefined ? all : all.filter((event) => event.type === type);
    },
    kill: () => wire.sever(),
    deafen: () => wire.deafen(true),
    hear: () => wire.deafen(false),
    close: () => engine.close(),
  };
}

/** A Redis for all tests of a suite, empty before each of them, with a clock of its own; call it within `describe`. */
export function nodesOnRedis(usual: Partial<RedisEngineOptions> = {}) {
  const forAll = cleanupAfterAll();
  const cleanup = cleanupAfterEach();
  const open = async (more: Partial<RedisEngineOptions> = {}): Promise<NodeUnderTest> => {
    const target = { kind: 'single', url: on.redis.url } as const;
    const timeSource = on.clock.now;
    return cleanup.using(await openNode({ target, clock: on.clock, timeSource, ...usual, ...more }));
  };
  const loggedIn = async (node: NodeUnderTest, agent: string, more: Partial<Login> = {}) => {
    const login = loginOf(agent, on.clock.now(), more);
    expect((await node.engine.admit(login)).ok).to.equal(true);
    return login;
  };
  const on = { open, loggedIn, cleanup } as {
    redis: RedisServer;
    clock: TestClock;
    /** Runs after each test. */
    cleanup: typeof cleanup;
    open: typeof open;
    /** Somebody who has just logged in. */
    loggedIn: typeof loggedIn;
  };
  before(async () => {
    on.redis = forAll.using(await startRedis());
  });
  beforeEach(async () => {
    await on.redis.command('FLUSHALL');
    on.clock = createTestClock(START);
  });
  return on;
}

export function loginOf(agent: string, at: number, more: Partial<Login> = {}): Login {
  return {
    account: 'acme',
    agent,
    sid: `sid of ${agent}`,
    loginAt: at,
    issuedAt: at,
    name: null,
    permissions: [],
    autoAssign: false,
    ...more,
  };
}

/** Lets time pass for nodes that share a clock; those named sweep each second. */
export async function pass(clock: TestClock, ms: number, nodes: NodeUnderTest[]): Promise<void> {
  for (let left = ms; left > 0; left -= 1_000) {
    clock.advance(Math.min(1_000, left));
    for (const { engine } of nodes) await engine.sweep();
  }
}
