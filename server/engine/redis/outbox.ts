import type { Clock } from '../../clock.ts';
import { Turns } from '../../turns.ts';
import type { Emission, Relay } from '../engine.ts';
import type { Partitions } from './partitions.ts';
import type { ScriptedLink } from './scripted-link.ts';

export interface OutboxOptions {
  link: ScriptedLink;
  partitions: Partitions;
  /** Told at once, before anything else is asked of Redis: it may have to be repeated. */
  heard: (emission: Emission) => void;
  relay: Relay;
  clock: Clock;
  log: { warn(fields: object, message: string): void };
  onForgotten: () => void;
}

/**
 * Tells what steps emitted and then takes it out of the outbox. An entry stays there until every listener has taken it,
 * so that another node, or this one later, tells what was not told.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #turns: Turns;
  /** Entries being told, or told and not yet taken out: found again, they are not told again. */
  readonly #underWay: Map<number, Set<string>>;
  readonly #told: Map<number, string[]>;
  #flushing: Promise<void> | null = null;

  constructor(options: OutboxOptions) {
    const { partitions, clock, log } = options;
    this.#options = options;
    this.#turns = new Turns(clock, (err) => log.warn({ err }, 'an entry of the outbox could not be told'));
    this.#underWay = new Map(partitions.all().map((partition) => [partition, new Set()]));
    this.#told = new Map(partitions.all().map((partition) => [partition, []]));
  }

  /**
   * Calls the relay with all of the entry, in order; who listens slowly keeps nobody waiting. Of a second
   * full of deadlines some hundred emissions come from each partition at the same time: what this turn of the event loop
   * has no time for goes in the next, in its order.
   */
  tell(partition: number, id: string, text: string): void {
    const underWay = this.#underWay.get(partition)!;
    if (id === '' || underWay.has(id)) return;
    underWay.add(id);
    const emissions = JSON.parse(text) as Emission[];
    for (const emission of emissions) this.#options.heard(emission);
    this.#turns.run(() => this.#tellNow(partition, id, emissions));
  }

  #tellNow(partition: number, id: string, emissions: readonly Emission[]): void {
    const { relay, log } = this.#options;
    const taken = emissions.map((emission) => (async () => relay(emission))());
    void Promise.all(taken).then(
      () => this.#takeOut(partition, id),
      (err: unknown) => {
        log.warn({ err }, 'what happened could not be told everybody; it will be told again');
        this.#underWay.get(partition)!.delete(id);
      },
    );
  }

  #takeOut(partition: number, id: string): void {
    this.#told.get(partition)!.push(id);
    this.#flushing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#flush());
  }

  async #flush(): Promise<void> {
    this.#flushing = null;
    await Promise.all(this.#options.partitions.all().map((partition) => this.#flushPartition(partition)));
  }

  async #flushPartition(partition: number): Promise<void> {
    const ids = this.#told.get(partition)!.splice(0);
    if (ids.length === 0) return;
    const outbox = this.#options.partitions.outbox(partition);
    try {
      await Promise.all([
        this.#options.link.send(outbox, ['XACK', outbox, 'relay', ...ids]),
        this.#options.link.send(outbox, ['XDEL', outbox, ...ids]),
      ]);
      for (const id of ids) this.#underWay.get(partition)!.delete(id);
    } catch {
      // They are found again, by whoever claims them; this node then only takes them out.
      this.#forgetLater(partition, ids);
    }
  }

  /** Takes them out when the sweep finds them again; bounded, since nobody may ever find them. */
  #forgetLater(partition: number, ids: string[]): void {
    const underWay = this.#underWay.get(partition)!;
    const told = this.#told.get(partition)!;
    told.push(...ids);
    while (told.length > MAX_REMEMBERED) {
      underWay.delete(told.shift()!);
      this.#options.onForgotten();
    }
  }

  /** What is to be told is told, and what was told is taken out; for the end, and after a lost link. */
  async settle(): Promise<void> {
    await this.#turns.done();
    await this.#flushing;
    await this.#flush();
  }
}

const MAX_REMEMBERED = 10_000;
