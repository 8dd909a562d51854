import { type Fault, NOTHING, type Scene } from './fault.ts';

const between = ({ random }: Scene, least: number, most: number) => least + random.below(most - least);
/** A step back of more than a minute is taken over by the engine, a smaller one makes it stand still. */
const FAR_BACK_MS = -62_000;

function clockStep(name: string, weight: number, stepMs: (scene: Scene) => number): Fault {
  return {
    name,
    part: 'clock',
    weight,
    async make(scene) {
      const ms = stepMs(scene);
      scene.stage.clock!.step(ms);
      return { on: 'redis', holdMs: 5_000, mend: NOTHING, note: String(ms) };
    },
  };
}

export const OTHER_FAULTS: Fault[] = [
  clockStep('clock-forward', 1, (scene) => between(scene, 500, 15_000)),
  clockStep('clock-back', 1, (scene) => -between(scene, 200, 6_000)),
  clockStep('clock-far-back', 0.5, () => FAR_BACK_MS),
  {
    name: 'balancer-reload',
    part: 'balancer',
    weight: 2,
    async make({ stage }) {
      stage.balancer.reload();
      return { on: 'balancer', holdMs: 6_000, mend: NOTHING };
    },
  },
  {
    name: 'policy-flap',
    part: 'policy',
    weight: 2,
    async make({ stage, crowd, random, timeoutMs }) {
      const account = random.pick(stage.accounts);
      for (const further of [10_000, 0, 10_000]) await crowd.setTimeoutOf(account, timeoutMs + further);
      return { on: account, holdMs: 4_000, mend: () => crowd.setTimeoutOf(account, timeoutMs) };
    },
  },
  {
    name: 'herd',
    part: 'tabs',
    weight: 2,
    async make({ crowd }) {
      crowd.herd();
      return { on: 'tabs', holdMs: 3_000, mend: NOTHING };
    },
  },
  {
    name: 'receiver-hangs',
    part: 'receiver',
    weight: 2,
    async make(scene) {
      const { receiver } = scene.stage;
      receiver.hang(true);
      return {
        on: 'receiver',
        holdMs: between(scene, 5_000, 30_000),
        mend: async () => receiver.hang(false),
      };
    },
  },
];
