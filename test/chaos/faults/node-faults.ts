import { HUB } from '../stage/network.ts';
import { NODE_PORT, type NodeProcess } from '../stage/node-process.ts';
import type { Fault, Scene } from './fault.ts';

const between = ({ random }: Scene, least: number, most: number) => least + random.below(most - least);
const pickNode = ({ stage, random }: Scene): NodeProcess => random.pick(stage.nodes);

export const NODE_FAULTS: Fault[] = [
  {
    name: 'node-kill',
    part: 'node',
    weight: 3,
    async make(scene) {
      const node = pickNode(scene);
      await node.kill();
      return { on: node.name, holdMs: between(scene, 500, 8_000), mend: () => node.start() };
    },
  },
  {
    name: 'node-leave',
    part: 'node',
    weight: 1,
    async make(scene) {
      const node = pickNode(scene);
      await node.kill('SIGTERM');
      return { on: node.name, holdMs: 500, mend: () => node.start() };
    },
  },
  {
    name: 'node-stop',
    part: 'node',
    weight: 3,
    async make(scene) {
      const node = pickNode(scene);
      node.signal('SIGSTOP');
      return {
        on: node.name,
        holdMs: between(scene, 1_000, 12_000),
        mend: async () => node.signal('SIGCONT'),
      };
    },
  },
  {
    // From everything: balancer, Redis, the other nodes.
    name: 'node-cut',
    part: 'node',
    weight: 3,
    async make(scene) {
      const node = pickNode(scene);
      const all = [HUB, ...scene.stage.store.servers.map(({ host }) => host.address)];
      await node.host!.cutFrom(all);
      return { on: node.name, holdMs: between(scene, 2_000, 15_000), mend: () => node.host!.mend() };
    },
  },
  {
    // From Redis alone: its tabs stay.
    name: 'node-without-redis',
    part: 'node',
    weight: 2,
    async make(scene) {
      const node = pickNode(scene);
      await node.host!.cutFrom(scene.stage.store.servers.map(({ host }) => host.address));
      return { on: node.name, holdMs: between(scene, 2_000, 25_000), mend: () => node.host!.mend() };
    },
  },
  {
    // Its tabs are there for it, and it is not there for them.
    name: 'half-open',
    part: 'node',
    weight: 2,
    async make(scene) {
      const node = pickNode(scene);
      await node.host!.cutFrom([HUB], NODE_PORT);
      return { on: node.name, holdMs: between(scene, 3_000, 20_000), mend: () => node.host!.mend() };
    },
  },
];
