import { ErrorReply } from 'redis';
import type { Clock } from '../../clock.ts';
import { EngineUnavailable } from '../engine.ts';
import type { Partitions } from './partitions.ts';
import { isOfTheServer, type ScriptedLink } from './scripted-link.ts';
import type { ServerTime } from './server-time.ts';

/** Pause between two attempts to reach a Redis that did not answer. */
const PROBE_MS = 250;
/** Of several measurements of the time the quickest counts. */
const MEASUREMENTS = 5;

export interface HealthParts {
  link: ScriptedLink;
  partitions: Partitions;
  time: ServerTime;
  clock: Clock;
  /** Nobody asks Redis for it. */
  timeIsGiven: boolean;
}

/** Whether Redis takes writes, and, after a lost link, when every server that holds a partition does so again. */
export class Health {
  readonly #link: ScriptedLink;
  readonly #partitions: Partitions;
  readonly #time: ServerTime;
  readonly #clock: Clock;
  readonly #timeIsGiven: boolean;
  readonly #unsubscribe: () => void;
  #cancel: () => void = () => {};

  constructor(parts: HealthParts) {
    this.#link = parts.link;
    this.#partitions = parts.partitions;
    this.#time = parts.time;
    this.#clock = parts.clock;
    this.#timeIsGiven = parts.timeIsGiven;
    this.#unsubscribe = parts.link.onLink((up) => {
      if (!up) this.#probeLater();
    });
  }

  /**
   * Rejects where a server cannot be reached, which another node perhaps can; or where none takes writes. One that answers
   * and takes none tells every node so: whoever can serve the accounts of the others serves them.
   */
  async ping(): Promise<void> {
    const outcomes = await Promise.allSettled(this.#writes());
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    const unreached = failures.find((failure) => !isRefusal(failure));
    if (unreached !== undefined || failures.length === outcomes.length) throw unreached ?? failures[0];
  }

  /** By what changes nothing: a master without replicas, or one that cannot save, still answers who only reads. */
  #writes(): Promise<unknown>[] {
    const keys = this.#partitions.all().map((partition) => this.#partitions.clock(partition));
    return keys.map((key) => this.#link.send(key, ['PERSIST', key]));
  }

  async measure(): Promise<void> {
    if (this.#timeIsGiven) return;
    const key = this.#partitions.clock(0);
    for (let count = 0; count < MEASUREMENTS; count += 1) {
      const askedAt = this.#clock.monotonic();
      const [seconds, micros] = (await this.#link.send(key, ['TIME'])) as [string, string];
      const time = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
      this.#time.learn(time, askedAt, this.#clock.monotonic());
    }
  }

  #probeLater(): void {
    this.#cancel = this.#clock.after(PROBE_MS, () => {
      Promise.all(this.#writes())
        .then(() => this.measure())
        .then(
          () => this.#link.turnUp(),
          () => this.#probeLater(),
        );
    });
  }

  stop(): void {
    this.#unsubscribe();
    this.#cancel();
  }
}

/** A server answered, and cannot serve. */
function isRefusal(failure: unknown): boolean {
  return (
    failure instanceof EngineUnavailable &&
    failure.cause instanceof ErrorReply &&
    isOfTheServer(failure.cause)
  );
}
