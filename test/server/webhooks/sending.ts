import type { Engine, Login } from '../../../server/engine/engine.ts';
import { startWebhooks, type Webhooks } from '../../../server/webhooks/dispatcher.ts';
import type { Post, PostResult } from '../../../server/webhooks/post.ts';
import type { EventType, VigilEvent } from '../../../shared/events.ts';
import { type EngineHarness, LEAD, MIN_TIMEOUT } from '../../contract/engine/harness.ts';
import { openVolatile } from '../../support/memory-engine.ts';
import { WEBHOOK_SECRET } from '../../support/webhook-receiver.ts';

export const TAKEN: PostResult = { taken: true };
export const REFUSED: PostResult = { taken: false, error: 'answered 500', unreachable: false, gone: false };
export const AWAY: PostResult = { taken: false, error: 'ECONNREFUSED', unreachable: true, gone: false };
export const GONE: PostResult = { taken: false, error: 'answered 410', unreachable: false, gone: true };

/** How the receiver answers an event; a promise that stays open is one that hangs. */
export type Answer = (event: VigilEvent, signal: AbortSignal) => PostResult | Promise<PostResult>;

/** A dispatcher on a memory engine, whose clock a test moves, and a receiver that is a function. */
export class Sending {
  readonly harness: EngineHarness;
  readonly webhooks: Webhooks;
  answer: Answer = () => TAKEN;
  /** Every attempt, with the moment it was made. */
  readonly attempts: { event: VigilEvent; at: number }[] = [];
  readonly taken: VigilEvent[] = [];
  readonly said: string[] = [];
  readonly counted = { delivered: 0, failed: 0, dead: 0, lag: 0, stopped: 0 };

  private constructor(harness: EngineHarness) {
    this.harness = harness;
    const say = (_fields: object, message: string) => void this.said.push(message);
    this.webhooks = startWebhooks({
      engine: harness.engine,
      url: 'http://receiver.example/',
      secret: WEBHOOK_SECRET,
      // The harness shows only part of its clock.
      clock: harness.clock as never,
      log: { info: say, warn: say, error: say },
      counts: {
        delivered: () => (this.counted.delivered += 1),
        failed: () => (this.counted.failed += 1),
        dead: (events) => (this.counted.dead += events),
        forgot: () => {},
        lag: (seconds) => (this.counted.lag = seconds),
        stopped: () => (this.counted.stopped += 1),
      },
      random: () => 0.5,
      post: this.#post,
    });
  }

  static async open(): Promise<Sending> {
    return new Sending(await openVolatile({ leadMs: LEAD, minTimeoutMs: MIN_TIMEOUT, deliver: true }));
  }

  get engine(): Engine {
    return this.harness.engine;
  }

  readonly #post: Post = async ({ body }, signal) => {
    const event = JSON.parse(body) as VigilEvent;
    this.attempts.push({ event, at: this.harness.clock.now() });
    const cutOff = new Promise<PostResult>((resolve) =>
      signal.addEventListener('abort', () => resolve(AWAY)),
    );
    const result = await Promise.race([this.answer(event, signal), cutOff]);
    if (result.taken) this.taken.push(event);
    return result;
  };

  /** Lets time pass in steps that its timers can follow, and everything that comes of each be done. */
  async pass(ms: number, stepMs = Math.min(ms, 1_000)): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.harness.clock.advance(Math.min(stepMs, left));
      await this.rest();
    }
  }

  async rest(): Promise<void> {
    for (let turns = 0; turns < 30; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** A login begins a session: one event. The dispatcher hears of it as it does on a node. */
  async login(agent: string, account = 'acme', sid = `${agent}-${this.harness.clock.now()}`): Promise<Login> {
    const now = this.harness.clock.now();
    const login: Login = {
      account,
      agent,
      sid,
      loginAt: now,
      issuedAt: now,
      name: null,
      permissions: [],
      autoAssign: false,
    };
    await this.engine.admit(login);
    this.#tell();
    return login;
  }

  async logout({ account, sid }: Login): Promise<void> {
    await this.engine.endSession({ account, sid });
    this.#tell();
  }

  #tell(): void {
    for (const emission of this.harness.emissions.splice(0)) this.webhooks.told(emission);
  }

  of(agent: string): EventType[] {
    return this.taken.flatMap(({ type, data }) => ('agent' in data && data.agent === agent ? [type] : []));
  }

  async close(): Promise<void> {
    const stopping = this.webhooks.stop();
    await this.pass(5_000);
    await stopping;
    await this.harness.close();
  }
}
