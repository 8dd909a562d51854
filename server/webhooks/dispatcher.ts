import { setMaxListeners } from 'node:events';
import type { VigilEvent } from '../../shared/events.ts';
import type { Clock } from '../clock.ts';
import type { DeliveryClaim, Emission, Engine } from '../engine/engine.ts';
import type { WebhookCounts } from './counts.ts';
import { createSigner } from './message.ts';
import { createPost, POST_LIMIT_MS, type Post, type PostResult } from './post.ts';
import { takeTurn } from './turn.ts';

/** Accounts that are worked on at the same time. */
const ACCOUNTS = 64;
/** In one turn, nothing is begun after so long; the claim covers that and the slowest post. */
const TURN_MS = 3_000;
const LEASE_MS = TURN_MS + POST_LIMIT_MS + 2_000;
const POLL_MS = 1_000;
/** News that come in quick succession are looked after together. */
const GATHER_MS = 10;
/** While the receiver is out of reach, how often somebody looks whether it is back. */
const SCOUT_MS = 20_000;
const RECOVERY_MS = 5_000;
const RECOVERY_ACCOUNTS = 1_000;
const BACKLOG_MS = 10_000;
/** Accounts of which it is remembered what was delivered beyond an event that failed. */
const MAX_AHEAD = 1_000;
/** What is under way when the node goes. */
const DRAIN_MS = 2_000;
/** For what a receiver that wants nothing any more left undone. */
const GONE_RETRY_MS = 30 * 60_000;

export interface WebhookOptions {
  engine: Engine;
  url: string;
  secret: string;
  clock: Clock;
  log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  counts: WebhookCounts;
  random?: () => number;
  post?: Post;
}

/** Delivers what the engine's accounts owe: each at its own pace, one node at a time. */
export interface Webhooks {
  /** Something happened: its first delivery is tried at once. */
  told(emission: Emission): void;
  /** Begins nothing more; what is under way has 2 s. */
  stop(): Promise<void>;
}

export function startWebhooks(options: WebhookOptions): Webhooks {
  const dispatcher = new Dispatcher(options);
  dispatcher.start();
  return dispatcher;
}

class Dispatcher implements Webhooks {
  readonly #options: WebhookOptions;
  readonly #sign: ReturnType<typeof createSigner>;
  readonly #post: Post;
  readonly #working = new Set<Promise<void>>();
  readonly #ahead = new Map<string, Set<string>>();
  /** Accounts of which news came in; null: look at all. */
  #wanted: Set<string> | null = new Set();
  #looking: Promise<void> | null = null;
  #cancelLook: (() => void) | null = null;
  #cancelPoll: () => void = () => {};
  #stopped = false;
  readonly #abort = new AbortController();
  #scoutedAt: number | null = null;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #recoveredAt = Number.NEGATIVE_INFINITY;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#sign = createSigner(options.secret);
    this.#post = options.post ?? createPost(options);
    // Every post under way listens.
    setMaxListeners(0, this.#abort.signal);
  }

  start(): void {
    this.#poll();
  }

  told({ account, events }: Emission): void {
    if (events.length > 0) this.#want(account);
  }

  #want(account: string | null): void {
    if (this.#stopped) return;
    if (account === null) this.#wanted = null;
    else this.#wanted?.add(account);
    this.#lookSoon();
  }

  #lookSoon(): void {
    if (this.#stopped || this.#looking !== null || this.#cancelLook !== null) return;
    this.#cancelLook = this.#options.clock.after(GATHER_MS, () => {
      this.#cancelLook = null;
      this.#looking = this.#look().finally(() => {
        this.#looking = null;
        if (this.#wanted === null || this.#wanted.size > 0) this.#lookSoon();
      });
    });
  }

  #poll(): void {
    if (this.#stopped) return;
    this.#want(null);
    this.#cancelPoll = this.#options.clock.after(POLL_MS, () => this.#poll());
  }

  async #look(): Promise<void> {
    const accounts = this.#wanted === null ? undefined : [...this.#wanted];
    this.#wanted = new Set();
    const limit = ACCOUNTS - this.#working.size;
    // Whoever gets done looks at all again.
    if (limit <= 0) return;
    const { engine, log } = this.#options;
    try {
      await this.#scout();
      const claims = await engine.deliveries.claim({ limit, leaseMs: LEASE_MS, accounts });
      for (const claim of claims) this.#work(claim);
      await this.#measure();
    } catch (err) {
      if (!this.#stopped) log.warn({ err }, 'cannot look for webhooks to be sent; trying again');
    }
  }

  /** One of those that wait for the receiver finds out whether it is back; at the start, all of them do. */
  async #scout(): Promise<void> {
    const { clock, engine } = this.#options;
    const now = clock.monotonic();
    if (this.#scoutedAt !== null && now - this.#scoutedAt < SCOUT_MS) return;
    const most = this.#scoutedAt === null ? RECOVERY_ACCOUNTS : 1;
    this.#scoutedAt = now;
    await engine.deliveries.hasten(most);
  }

  async #measure(): Promise<void> {
    const { clock, engine, counts } = this.#options;
    if (clock.monotonic() - this.#measuredAt < BACKLOG_MS) return;
    this.#measuredAt = clock.monotonic();
    const { oldestAt } = await engine.deliveries.backlog();
    counts.lag(oldestAt === null ? 0 : Math.max(0, engine.now() - oldestAt) / 1_000);
  }

  #work(claim: DeliveryClaim): void {
    const work = this.#deliver(claim)
      .catch((err: unknown) => {
        // Its claim runs out; then it is tried again, here or elsewhere.
        if (!this.#stopped) this.#options.log.warn({ err }, 'webhooks of an account broke off');
      })
      .finally(() => {
        const wasFull = this.#working.size >= ACCOUNTS;
        this.#working.delete(work);
        this.#want(wasFull ? null : claim.account);
      });
    this.#working.add(work);
  }

  async #deliver(claim: DeliveryClaim): Promise<void> {
    const { clock, engine, counts, random = Math.random } = this.#options;
    const until = clock.monotonic() + TURN_MS;
    const { account } = claim;
    const { outcome, failure, ahead } = await takeTurn(claim, {
      engine,
      random,
      send: (event) => this.#send(event),
      mayStart: () => !this.#stopped && clock.monotonic() < until,
      ahead: this.#ahead.get(account) ?? new Set(),
    });
    this.#ahead.delete(account);
    if (ahead.size > 0) this.#keepAhead(account, ahead);
    if (this.#abort.signal.aborted && failure !== null) {
      // Cut off by ourselves: that tells nothing of the receiver, and another node goes on at once.
      Object.assign(outcome, { failing: claim.failing, retryInMs: 0 });
      if (outcome.dead.splice(0).length > 0) outcome.upTo = claim.after;
    }
    if (failure?.gone) this.#giveUp(failure.error);
    if (failure?.gone) outcome.retryInMs = GONE_RETRY_MS;
    await engine.deliveries.settle(outcome);
    counts.dead(outcome.dead.length);
    this.#say(claim, outcome.dead.length, failure);
    if (claim.failing?.unreachable && outcome.failing === null) await this.#recover();
  }

  /** Bounded: the account may go on at another node, and never come back here. */
  #keepAhead(account: string, ahead: Set<string>): void {
    this.#ahead.set(account, ahead);
    if (this.#ahead.size <= MAX_AHEAD) return;
    this.#ahead.delete(this.#ahead.keys().next().value!);
    this.#options.counts.forgot();
  }

  #say({ account, failing }: DeliveryClaim, dead: number, failure: { error: string } | null): void {
    const { log } = this.#options;
    if (dead > 0) log.error({ account, dead, error: failure?.error }, 'webhooks given up: dead letters');
    else if (failure !== null && failing === null)
      log.warn({ account, error: failure.error }, 'a webhook was not taken; trying again');
  }

  async #send(event: VigilEvent): Promise<PostResult> {
    const { clock, counts } = this.#options;
    const result = await this.#post(this.#sign(event, clock.now()), this.#abort.signal);
    if (result.taken) counts.delivered();
    else counts.failed();
    return result;
  }

  /** The receiver is back: nobody who waits for it alone waits any longer. */
  async #recover(): Promise<void> {
    const { clock, engine } = this.#options;
    if (clock.monotonic() - this.#recoveredAt < RECOVERY_MS) return;
    this.#recoveredAt = clock.monotonic();
    await engine.deliveries.hasten(RECOVERY_ACCOUNTS);
    this.#want(null);
  }

  /** 410: nothing more is sent until the process is started anew. What is owed stays owed. */
  #giveUp(error: string): void {
    if (this.#stopped) return;
    this.#halt();
    this.#options.counts.stopped();
    this.#options.log.error(
      { error },
      'the webhook receiver wants nothing any more: no webhook is sent until this process is started anew',
    );
  }

  #halt(): void {
    this.#stopped = true;
    this.#cancelPoll();
    this.#cancelLook?.();
    this.#cancelLook = null;
  }

  async stop(): Promise<void> {
    this.#halt();
    await this.#looking;
    const late = this.#options.clock.after(DRAIN_MS, () =>
      this.#abort.abort(new Error('the node is leaving')),
    );
    await Promise.all(this.#working);
    late();
  }
}
