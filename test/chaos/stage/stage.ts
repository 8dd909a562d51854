import { join } from 'node:path';
import { PROJECT } from '../../support/node-process.ts';
import { until } from '../../support/waiting.ts';
import type { Recorder } from '../log.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { createSteppingClock, type SteppingClock } from './clock.ts';
import { startClusterStore } from './cluster-store.ts';
import { buildHub, Host, HUB } from './network.ts';
import { NODE_PORT, NodeProcess } from './node-process.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { startSentinelStore } from './sentinel-store.ts';
import type { Store } from './store.ts';

export type Profile = 'sentinel' | 'cluster';

const NODES = 3;
const FIRST_ADDRESS = 11;
const READY_EVERY_MS = 250;
const FOLLOW_EVERY_MS = 500;
/** A move has begun at most this long before it is seen: until then a master counts as well. */
const MOVED_MS = 5_000;
/** Faults that nobody made are numbered from here on. */
const FIRST_MOVE = 100_000;

/** Everything that runs: nodes behind a balancer, their Redis, a receiver of webhooks. */
export interface Stage {
  readonly nodes: readonly NodeProcess[];
  readonly balancer: Balancer;
  readonly store: Store;
  readonly receiver: Receiver;
  readonly clock: SteppingClock | null;
  readonly accounts: readonly string[];
  close(): Promise<void>;
}

export interface StageOptions {
  profile: Profile;
  recorder: Recorder;
  accounts: readonly string[];
  leadMs: number;
  timeoutMs: number;
  dist?: string;
}

/** Has to be called in a network namespace of its own. */
export async function buildStage(options: StageOptions): Promise<Stage> {
  const { profile, recorder, accounts, leadMs, timeoutMs, dist = join(PROJECT, 'dist') } = options;
  buildHub();
  const clock = createSteppingClock();
  const store = await (profile === 'sentinel' ? startSentinelStore : startClusterStore)(clock.env);
  const receiver = await startReceiver(recorder, HUB);
  const env = {
    REDIS_URL: store.url,
    VIGIL_WARNING_LEAD: `${leadMs}ms`,
    VIGIL_MIN_TIMEOUT: `${timeoutMs}ms`,
    VIGIL_TRUST_PROXY: HUB,
    VIGIL_WEBHOOK_URL: receiver.url,
  };
  const nodes: NodeProcess[] = [];
  for (let index = 0; index < NODES; index += 1) {
    const host = await Host.create(`n${index + 1}`, FIRST_ADDRESS + index);
    nodes.push(new NodeProcess(`node${index + 1}`, { host, port: NODE_PORT }, { dist, env }, recorder));
  }
  await Promise.all(nodes.map((node) => node.start()));
  const balancer = await startBalancer(nodes.map(({ url }) => url.slice('http://'.length)));
  const stopLooking = watchReadiness(nodes, recorder);
  const stopFollowing = followLeaders(store, recorder);
  await until(async () => (await readiness(balancer)) === 200, 'nodes that are ready', { timeoutMs: 30_000 });
  return {
    nodes,
    balancer,
    store,
    receiver,
    clock,
    accounts,
    async close() {
      stopLooking();
      stopFollowing();
      await balancer.close();
      await Promise.all(nodes.map((node) => node.close()));
      await store.close();
      await receiver.close();
    },
  };
}

/** Other masters than before go into the history, whoever wanted it: a busy machine is enough for a failover. */
function followLeaders(store: Store, recorder: Recorder): () => void {
  let known = '';
  let [asking, id] = [false, FIRST_MOVE];
  const timer = setInterval(async () => {
    if (asking) return;
    asking = true;
    const now = await store.leaders();
    asking = false;
    if (known !== '' && now !== '' && now !== known) {
      const about = { k: 'fault', id: ++id, fault: 'redis-moved', on: now, note: `from ${known}` } as const;
      recorder.write({ ...about, phase: 'begin' }, recorder.now() - MOVED_MS);
      recorder.write({ ...about, phase: 'end' });
    }
    if (now !== '') known = now;
  }, FOLLOW_EVERY_MS);
  return () => clearInterval(timer);
}

export async function readiness({ url }: { url: string }): Promise<number> {
  const signal = AbortSignal.timeout(2_000);
  return fetch(`${url}/readyz`, { signal }).then(
    ({ status }) => status,
    () => 0,
  );
}

/** Asks each node all the time whether it is ready; what it says goes into the history where it changes. */
export function watchReadiness(nodes: readonly NodeProcess[], recorder: Recorder): () => void {
  let stopped = false;
  for (const node of nodes) {
    let known = -1;
    void (async () => {
      while (!stopped) {
        const askedAt = recorder.now();
        const status = await readiness(node);
        if (status !== known && !stopped) recorder.write({ k: 'ready', n: node.name, status }, askedAt);
        known = status;
        await new Promise((resolve) => setTimeout(resolve, READY_EVERY_MS));
      }
    })();
  }
  return () => {
    stopped = true;
  };
}
