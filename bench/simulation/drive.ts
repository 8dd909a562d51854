import type { Emission, Engine, Relay } from '../../server/engine/engine.ts';
import { openRedisEngine } from '../../server/engine/redis/open-redis-engine.ts';
import { createRandom } from '../../test/support/random.ts';
import type { RedisServer } from '../../test/support/redis.ts';
import { cpuOf } from '../harness/process-cost.ts';
import { Ledger } from './costs.ts';
import { DAY } from './day.ts';
import { Desk, TICK_SECONDS } from './desk.ts';

const MIDNIGHT = Date.UTC(2026, 10, 26);
const SEED = 20261126;
const FLUSH_MS = 250;
const REPORT_MS = 15_000;

/** A whole engine on simulated time. */
export class Simulation {
  readonly desk: Desk;
  readonly ledger: Ledger;
  readonly told: Record<string, number> = {};
  emissions = 0;
  readonly #redis: RedisServer;
  #engine: Engine | undefined;
  #now = DAY.from * 1_000;
  /** How long the day stood still while something else was measured: engine time went on. */
  #stoodStill = 0;

  constructor(redis: RedisServer, agents: number) {
    this.#redis = redis;
    this.desk = new Desk(agents, createRandom(SEED));
    this.ledger = new Ledger(redis.pid);
  }

  get engine(): Engine {
    return this.#engine!;
  }

  async open(): Promise<void> {
    this.#engine = await openSimulated(
      this.#redis,
      () => MIDNIGHT + this.#now + this.#stoodStill,
      (emission) => this.#hear(emission),
    );
    await this.engine.sweep();
    const settings = { timeoutSeconds: DAY.timeout, rememberMe: { agent: true, requester: true } };
    for (const account of new Set(this.desk.accounts))
      await this.engine.setPolicy({ account, settings, by: 'admin' });
    await this.engine.sweep();
  }

  #hear({ agent, pushes, events }: Emission): void {
    this.emissions += 1;
    for (const { type } of events) this.told[type] = (this.told[type] ?? 0) + 1;
    for (const push of pushes) if (push.type === 'ended') this.desk.ended(agent!);
  }

  /** Lets the day go on until that second. */
  async until(second: number, onHour: (hour: number) => Promise<void> | void = () => {}): Promise<void> {
    for (let now = Math.ceil(this.#now / 1_000); now < second; now += TICK_SECONDS) {
      this.#now = now * 1_000;
      if (now % 3_600 === 0) await onHour(now / 3_600);
      await this.#tick(now);
    }
    this.#now = second * 1_000;
  }

  async #tick(now: number): Promise<void> {
    const { engine, desk, ledger } = this;
    const at = engine.now();
    const doings = desk.tick(now);
    await ledger.spend('touches', doings.touched.length, () =>
      engine.touch(doings.touched.map((who) => desk.report(who, at))),
    );
    await this.#comeIn(doings.logins, at);
    const changes = [
      ...doings.hidden.map((who) => desk.change(who, 0, false, at)),
      ...[...doings.shown, ...doings.logins].map((who) => desk.change(who, 0, true, at)),
      ...doings.closed.flatMap((who) => [0, 1, 2].map((place) => desk.change(who, place, null, at))),
    ];
    await ledger.spend('changes', changes.length, () => engine.updateTabs(changes));
    await ledger.spend('logouts', doings.loggedOut.length, () =>
      Promise.all(doings.loggedOut.map((who) => engine.endSession(desk.login(who)))),
    );
    await ledger.spend('sweeps', 1, () => this.#sweep());
  }

  async #comeIn(logins: number[], at: number): Promise<void> {
    const { engine, desk, ledger } = this;
    await ledger.spend('logins', logins.length, () =>
      Promise.all(logins.map((who) => engine.admit(loginOf(desk, who, at)))),
    );
    const places = Array.from({ length: DAY.tabs }, (_, place) => place);
    await ledger.spend('tabs', logins.length * DAY.tabs, () =>
      Promise.all(
        logins.flatMap((who) =>
          places.map((place) => engine.admit(loginOf(desk, who, at), desk.tab(who, place).tab)),
        ),
      ),
    );
  }

  async #sweep(): Promise<void> {
    for (let rounds = 0; rounds < 100; rounds += 1) {
      if ((await this.engine.sweep()) > this.engine.now()) return;
    }
  }

  /** For so many seconds every tab in use reports each 15 s, by so many nodes: what the day left out. */
  async atFullRate(
    seconds: number,
    nodes: number,
  ): Promise<{ reports: number; redisMs: number; nodeMs: number }> {
    const busy = this.desk.atWork();
    const slices = REPORT_MS / FLUSH_MS;
    let reports = 0;
    const node = process.cpuUsage();
    const redisMs = await cpuOf(this.#redis.pid, async () => {
      for (let slice = 0; slice < (seconds * 1_000) / FLUSH_MS; slice += 1) {
        const flushes = Array.from({ length: nodes }, () => [] as number[]);
        for (let place = slice % slices; place < busy.length; place += slices) {
          const who = busy[place]!;
          flushes[who % nodes]!.push(who);
        }
        this.#stoodStill += FLUSH_MS;
        const at = this.engine.now();
        await Promise.all(
          flushes.map((flush) => this.engine.touch(flush.map((who) => this.desk.report(who, at)))),
        );
        reports += flushes.reduce((sum, flush) => sum + flush.length, 0);
        if (slice % 8 === 7) await this.#sweep();
      }
    });
    const { user, system } = process.cpuUsage(node);
    return { reports, redisMs, nodeMs: (user + system) / 1_000 };
  }

  async close(): Promise<void> {
    await this.#engine?.close();
  }
}

export function loginOf(desk: Desk, who: number, at: number) {
  return {
    ...desk.login(who),
    loginAt: at,
    issuedAt: at,
    name: `Agent ${who}`,
    permissions: [],
    autoAssign: true,
  };
}

export function openSimulated(redis: RedisServer, now: () => number, relay: Relay): Promise<Engine> {
  return openRedisEngine({
    target: { kind: 'single', url: redis.url },
    leadMs: DAY.lead * 1_000,
    minTimeoutMs: 900_000,
    clock: { now, monotonic: () => performance.now(), after: () => () => {} },
    timeSource: now,
    relay,
    log: { error: console.error, warn() {}, info() {} },
  });
}
