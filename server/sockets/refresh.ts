import type { Clock } from '../clock.ts';
import { EngineUnavailable } from '../engine/engine.ts';
import type { SocketLog } from './counts.ts';
import type { LocalAgent } from './tab-registry.ts';
import type { Telling } from './telling.ts';

/** Agents in one piece: about 5 ms of the event loop. */
const PIECE = 200;
const RETRY_MS = 1_000;

export interface RefreshOptions {
  telling: Pick<Telling, 'reread'>;
  clock: Clock;
  log: SocketLog;
}

/** Reads the sessions of many agents anew and tells all their tabs, piece by piece. Who waits already waits once. */
export class Refresh {
  readonly #options: RefreshOptions;
  readonly #waiting = new Set<LocalAgent>();
  #isRunning = false;
  #cancel: (() => void) | undefined;

  constructor(options: RefreshOptions) {
    this.#options = options;
  }

  /** Never rejects: where the engine is away, it is tried again. */
  add(agents: Iterable<LocalAgent>): void {
    for (const agent of agents) {
      // A tab that is just being let in may be answered what held before, and is not among those who are told.
      if (agent.expected > 0) {
        agent.pushes += 1;
        agent.missed();
      }
      this.#waiting.add(agent);
    }
    void this.#run();
  }

  close(): void {
    this.#waiting.clear();
    this.#cancel?.();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#cancel?.();
    while (this.#waiting.size > 0) {
      const piece = this.#take();
      try {
        await this.#options.telling.reread(piece);
      } catch (error) {
        this.#failed(error, piece);
        break;
      }
    }
    this.#isRunning = false;
  }

  #take(): LocalAgent[] {
    const piece: LocalAgent[] = [];
    for (const agent of this.#waiting) {
      this.#waiting.delete(agent);
      if (piece.push(agent) === PIECE) break;
    }
    return piece;
  }

  #failed(error: unknown, piece: LocalAgent[]): void {
    for (const agent of piece) this.#waiting.add(agent);
    if (!(error instanceof EngineUnavailable)) {
      this.#options.log.error({ err: error }, 'sessions could not be read anew');
    }
    this.#cancel = this.#options.clock.after(RETRY_MS, () => void this.#run());
  }
}
