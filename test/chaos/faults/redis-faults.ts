import { HUB } from '../stage/network.ts';
import { type Fault, NOTHING, type Scene } from './fault.ts';

const between = ({ random }: Scene, least: number, most: number) => least + random.below(most - least);
const pickMaster = ({ stage, random }: Scene) => stage.store.master(random.below(3));

export const REDIS_FAULTS: Fault[] = [
  {
    name: 'redis-kill',
    part: 'redis',
    weight: 3,
    async make(scene) {
      const server = await pickMaster(scene);
      await server.kill9();
      const mend = () => scene.stage.store.restart(server);
      return { on: server.name, holdMs: between(scene, 6_000, 12_000), mend };
    },
  },
  {
    // Too short for a failover.
    name: 'redis-hiccup',
    part: 'redis',
    weight: 2,
    async make(scene) {
      const server = await pickMaster(scene);
      server.signal('SIGSTOP');
      return {
        on: server.name,
        holdMs: between(scene, 100, 900),
        mend: async () => server.signal('SIGCONT'),
      };
    },
  },
  {
    name: 'redis-stop',
    part: 'redis',
    weight: 2,
    async make(scene) {
      const server = await pickMaster(scene);
      server.signal('SIGSTOP');
      return {
        on: server.name,
        holdMs: between(scene, 2_000, 9_000),
        mend: async () => server.signal('SIGCONT'),
      };
    },
  },
  {
    name: 'redis-failover',
    part: 'redis',
    weight: 2,
    async make({ stage }) {
      await stage.store.failover();
      return { on: 'store', holdMs: 5_000, mend: NOTHING };
    },
  },
  {
    // The nodes still reach it; its replicas and the Sentinels do not, and elect another: what it took since is lost.
    name: 'redis-split',
    part: 'redis',
    weight: 2,
    async make(scene) {
      const server = await pickMaster(scene);
      const others = scene.stage.store.servers.filter((other) => other !== server);
      await server.host.cutFrom([HUB, ...others.map(({ host }) => host.address)]);
      return { on: server.name, holdMs: between(scene, 5_000, 10_000), mend: () => server.host.mend() };
    },
  },
  {
    name: 'redis-slow',
    part: 'redis',
    weight: 2,
    async make(scene) {
      const server = await pickMaster(scene);
      const note = await server.host.slow(between(scene, 50, 400));
      return {
        on: server.name,
        holdMs: between(scene, 3_000, 10_000),
        mend: () => server.host.hurry(),
        note,
      };
    },
  },
  {
    name: 'redis-replica-kill',
    part: 'redis',
    weight: 1,
    async make(scene) {
      const master = await pickMaster(scene);
      const server = scene.stage.store.servers.find((other) => other !== master && other.running)!;
      await server.kill9();
      const mend = () => scene.stage.store.restart(server);
      return { on: server.name, holdMs: between(scene, 3_000, 8_000), mend };
    },
  },
  {
    name: 'redis-wipe',
    part: 'redis',
    weight: 1,
    async make({ stage }) {
      await stage.store.wipe();
      return { on: 'store', holdMs: 3_000, mend: NOTHING };
    },
  },
];
