import type { Random } from '../../support/random.ts';
import type { Crowd } from '../crowd/crowd.ts';
import type { Recorder } from '../log.ts';
import type { Stage } from '../stage/stage.ts';

/** What faults are made in. */
export interface Scene {
  stage: Stage;
  crowd: Crowd;
  recorder: Recorder;
  random: Random;
  timeoutMs: number;
}

/** What keeps two faults from being made at the same time, so that what is left can still do what it promises. */
export type Part = 'node' | 'redis' | 'clock' | 'policy' | 'receiver' | 'balancer' | 'tabs';

export interface Fault {
  name: string;
  part: Part;
  weight: number;
  /** Makes it; answers where it was made, and how it is mended after `holdMs`. */
  make(scene: Scene): Promise<Made>;
}

export interface Made {
  on: string;
  holdMs: number;
  mend(): Promise<void>;
  note?: string;
}

export const NOTHING = async (): Promise<void> => {};
