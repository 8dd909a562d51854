import { setImmediate } from 'node:timers/promises';
import { emptyCounts, type PresenceDisplay, type TrailState } from '../shared/presence.ts';
import type { Clock } from './clock.ts';
import { type Engine, EngineUnavailable, RECORDED_MS } from './engine/engine.ts';
import { agentPresence } from './presence.ts';

/**
 * Records presence over time (engine/recordings.ts), this node's share of it. Its cost follows the accounts that somebody
 * looks at: for all others a node asks, every ten seconds, whether there is anything to do.
 */
export interface PresenceRecorder {
  /** Somebody looks at this account. Resolves when a first look has been recorded. */
  want(account: string): Promise<void>;
  close(): Promise<void>;
}

export interface PresenceRecorderOptions {
  engine: Pick<Engine, 'agents' | 'now' | 'recordings'>;
  clock: Clock;
  display: PresenceDisplay;
  log: { error(fields: object, message: string): void };
}

const ASK_EVERY_MS = 10_000;
/** Accounts that a node takes on at once; others may take on the rest meanwhile. */
const ACCOUNTS = 20;
/** Agents read at once, so that a large account leaves room for everything else. */
const PIECE = 2_000;

export function startPresenceRecorder(options: PresenceRecorderOptions): PresenceRecorder {
  const { engine, clock, log } = options;
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let cancel = ask();

  /** The next time is ten seconds after the last began, however long that took. */
  function ask(delay = ASK_EVERY_MS): () => void {
    return clock.after(delay, () => {
      const startedAt = clock.monotonic();
      running = round().then(() => {
        if (!closed) cancel = ask(Math.max(0, startedAt + ASK_EVERY_MS - clock.monotonic()));
      });
    });
  }

  async function round(): Promise<void> {
    try {
      for (let claimed = ACCOUNTS; claimed === ACCOUNTS; ) {
        const accounts = await engine.recordings.claim({ limit: ACCOUNTS });
        claimed = accounts.length;
        for (const account of accounts) {
          if (closed) return;
          await recordOrSay(account);
        }
      }
    } catch (error) {
      sayUnless(error);
    }
  }

  /** One account that cannot be recorded leaves a gap of its own. */
  async function recordOrSay(account: string): Promise<void> {
    try {
      await record(account, options);
    } catch (error) {
      sayUnless(error);
    }
  }

  /** An engine that is away leaves a gap; whoever reads hears of it by reading. */
  function sayUnless(error: unknown): void {
    if (!(error instanceof EngineUnavailable)) log.error({ err: error }, 'presence could not be recorded');
  }

  return {
    async want(account) {
      try {
        if (!(await engine.recordings.want(account))) return;
        for (const claimed of await engine.recordings.claim({ limit: 1, account }))
          await recordOrSay(claimed);
      } catch (error) {
        sayUnless(error);
      }
    },
    close() {
      closed = true;
      cancel();
      return running;
    },
  };
}

async function record(account: string, { engine, display }: PresenceRecorderOptions): Promise<void> {
  const at = Math.floor(engine.now() / 1000) * 1000;
  const latest = await engine.recordings.latest(account);
  const counts = emptyCounts();
  const turns: { agent: string; state: TrailState }[] = [];
  const turned = (agent: string, state: TrailState) => {
    if (latest.get(agent)?.state !== state) turns.push({ agent, state });
    latest.delete(agent);
  };
  for (let after: string | null = null; ; await setImmediate()) {
    const piece = await engine.agents(account, { after, limit: PIECE });
    for (const agent of piece) {
      const { state, warned } = agentPresence(agent, engine.now(), display);
      if (state === 'signed_out') continue;
      counts[state] += 1;
      turned(agent.id, warned ? 'warned' : state);
    }
    if (piece.length < PIECE) break;
    after = piece.at(-1)!.id;
  }
  // Whoever is left was live, and is not any more.
  const gone = [...latest];
  for (const [agent] of gone) turned(agent, 'signed_out');
  const forgotten = gone
    .filter(([, turn]) => turn.state === 'signed_out' && turn.at <= at - RECORDED_MS)
    .map(([agent]) => agent);
  await engine.recordings.write(account, { at, counts, turns, forgotten });
}
