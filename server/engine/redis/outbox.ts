import type { Emission, Relay } from '../engine.ts';
import type { Partitions } from './partitions.ts';
import type { ScriptedLink } from './scripted-link.ts';

type Log = { warn(fields: object, message: string): void };

/**
 * Tells what steps emitted and then takes it out of the outbox. An entry stays there until every listener has taken it,
 * so that another node, or this one later, tells what was not told.
 */
export class Outbox {
  readonly #link: ScriptedLink;
  readonly #partitions: Partitions;
  readonly #relay: Relay;
  readonly #log: Log;
  /** Entries being told, or told and not yet taken out: found again, they are not told again. */
  readonly #underWay: Map<number, Set<string>>;
  readonly #told: Map<number, string[]>;
  readonly #onForgotten: () => void;
  #flushing: Promise<void> | null = null;

  constructor(
    link: ScriptedLink,
    partitions: Partitions,
    relay: Relay,
    log: Log,
    onForgotten: () => void = () => {},
  ) {
    this.#onForgotten = onForgotten;
    this.#link = link;
    this.#partitions = partitions;
    this.#relay = relay;
    this.#log = log;
    this.#underWay = new Map(partitions.all().map((partition) => [partition, new Set()]));
    this.#told = new Map(partitions.all().map((partition) => [partition, []]));
  }

  /** Calls the relay with all of the entry, in order, before it returns; who listens slowly keeps nobody waiting. */
  tell(partition: number, id: string, text: string): void {
    const underWay = this.#underWay.get(partition)!;
    if (id === '' || underWay.has(id)) return;
    underWay.add(id);
    const emissions = JSON.parse(text) as Emission[];
    const taken = emissions.map((emission) => (async () => this.#relay(emission))());
    void Promise.all(taken).then(
      () => this.#takeOut(partition, id),
      (err: unknown) => {
        this.#log.warn({ err }, 'what happened could not be told everybody; it will be told again');
        underWay.delete(id);
      },
    );
  }

  #takeOut(partition: number, id: string): void {
    this.#told.get(partition)!.push(id);
    this.#flushing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#flush());
  }

  async #flush(): Promise<void> {
    this.#flushing = null;
    await Promise.all(this.#partitions.all().map((partition) => this.#flushPartition(partition)));
  }

  async #flushPartition(partition: number): Promise<void> {
    const ids = this.#told.get(partition)!.splice(0);
    if (ids.length === 0) return;
    const outbox = this.#partitions.outbox(partition);
    try {
      await Promise.all([
        this.#link.send(outbox, ['XACK', outbox, 'relay', ...ids]),
        this.#link.send(outbox, ['XDEL', outbox, ...ids]),
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
      this.#onForgotten();
    }
  }

  /** What was told is taken out; for the end, and after a lost link. */
  async settle(): Promise<void> {
    await this.#flushing;
    await this.#flush();
  }
}

const MAX_REMEMBERED = 10_000;
