import { type Emission, EngineUnavailable, type Relay } from '../engine.ts';
import type { Step } from './step.ts';
import type { Store, Write } from './store/store.ts';

type Log = { error(fields: object, message: string): void };

/** Stores steps one after the other and tells what they say once they are stored, in that order. */
export class Commits {
  readonly #store: Store;
  readonly #relay: Relay;
  readonly #log: Log;
  #told: Promise<void> = Promise.resolve();
  /** Set for good when a step could not be stored: memory is then ahead of the store, and only a restart puts that right. */
  #failure: EngineUnavailable | null = null;

  constructor(store: Store, relay: Relay, log: Log) {
    this.#store = store;
    this.#relay = relay;
    this.#log = log;
  }

  get failure(): EngineUnavailable | null {
    return this.#failure;
  }

  /** Resolves when the step is stored and told. */
  commit(step: Step, more: Write[] = []): Promise<void> {
    const writes = [...step.writes(), ...more];
    if (writes.length === 0 && step.emissions.length === 0) return this.#told;
    const stored = this.#store.commit(writes);
    // Awaited below, in order; this keeps a rejection from going unhandled while earlier steps are being told.
    stored.catch(() => {});
    this.#told = this.#told.then(async () => {
      await stored;
      for (const emission of step.emissions) this.#tell(emission);
    });
    this.#told = this.#told.catch((error: unknown) => this.fail(error));
    return this.#told.then(() => {
      if (this.#failure !== null) throw this.#failure;
    });
  }

  fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = new EngineUnavailable('the store does not take what happened', { cause: error });
    this.#log.error({ err: error }, 'cannot store: this node answers nothing until it is restarted');
  }

  /** Calls are in order; nobody waits for a slow listener. */
  #tell(emission: Emission): void {
    void (async () => this.#relay(emission))().catch((err: unknown) =>
      this.#log.error({ err }, 'relay failed'),
    );
  }

  async close(): Promise<void> {
    await this.#told;
    this.#failure ??= new EngineUnavailable('closed');
    await this.#store.close();
  }
}
