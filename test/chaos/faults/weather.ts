import type { Fault, Part, Scene } from './fault.ts';
import { NODE_FAULTS } from './node-faults.ts';
import { OTHER_FAULTS } from './other-faults.ts';
import { REDIS_FAULTS } from './redis-faults.ts';

/** From one fault to the next. */
const LEAST_MS = 5_000;
const MOST_MS = 20_000;
/** After one is mended, before its part is struck again. */
const REST_MS = 2_500;

/** Makes faults, one every 5 to 20 s, chosen by the seed; mends all of them at the end. */
export class Weather {
  readonly #scene: Scene;
  readonly #faults: Fault[];
  readonly #busy = new Set<Part>();
  readonly #mending = new Set<Promise<void>>();
  #id = 0;
  #stopped = false;
  #wake: () => void = () => {};

  constructor(scene: Scene, only?: readonly string[]) {
    this.#scene = scene;
    const { clock } = scene.stage;
    const all = [...NODE_FAULTS, ...REDIS_FAULTS, ...OTHER_FAULTS];
    this.#faults = all.filter(({ name, part }) => {
      return (part !== 'clock' || clock !== null) && (only === undefined || only.includes(name));
    });
  }

  /** Resolves when it is over and everything is mended. */
  async blow(forMs: number): Promise<void> {
    const until = performance.now() + forMs;
    const { random } = this.#scene;
    for (;;) {
      await this.#pause(LEAST_MS + random.below(MOST_MS - LEAST_MS));
      if (this.#stopped || performance.now() >= until) break;
      const fault = this.#pick();
      if (fault !== null) await this.#strike(fault);
    }
    await Promise.all(this.#mending);
  }

  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  #pick(): Fault | null {
    const free = this.#faults.filter(({ part }) => !this.#busy.has(part));
    const all = free.reduce((sum, { weight }) => sum + weight, 0);
    let drawn = this.#scene.random.fraction() * all;
    for (const fault of free) {
      drawn -= fault.weight;
      if (drawn <= 0) return fault;
    }
    return free[0] ?? null;
  }

  async #strike(fault: Fault): Promise<void> {
    const { recorder } = this.#scene;
    const [id, beganAt] = [++this.#id, recorder.now()];
    this.#busy.add(fault.part);
    try {
      const { on, holdMs, mend, note } = await fault.make(this.#scene);
      const about = {
        k: 'fault',
        id,
        fault: fault.name,
        on,
        ...(note === undefined ? {} : { note }),
      } as const;
      recorder.write({ ...about, phase: 'begin' }, beganAt);
      const mending = this.#mendLater(fault, holdMs, mend, () => recorder.write({ ...about, phase: 'end' }));
      this.#mending.add(mending);
      void mending.finally(() => this.#mending.delete(mending));
    } catch (error) {
      // E.g. no master to be found: that is the weather, too.
      this.#busy.delete(fault.part);
      recorder.write(
        { k: 'fault', id, fault: fault.name, on: '?', phase: 'begin', note: String(error) },
        beganAt,
      );
      recorder.write({ k: 'fault', id, fault: fault.name, on: '?', phase: 'end' });
    }
  }

  async #mendLater(
    fault: Fault,
    holdMs: number,
    mend: () => Promise<void>,
    mended: () => void,
  ): Promise<void> {
    await this.#pause(holdMs);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await mend();
        break;
      } catch (error) {
        if (attempt === 10) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
    mended();
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    this.#busy.delete(fault.part);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const wake = this.#wake;
      this.#wake = () => {
        wake();
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
