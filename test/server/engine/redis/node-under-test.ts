import type { Emission, Engine, Login } from '../../../../server/engine/engine.ts';
import {
  openRedisEngine,
  type RedisEngineOptions,
} from '../../../../server/engine/redis/open-redis-engine.ts';
import type { EventType, VigilEvent } from '../../../../shared/events.ts';
import { LEAD, MIN_TIMEOUT } from '../../../contract/engine/harness.ts';
import type { TestClock } from '../../../support/clock.ts';
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
