import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { Server } from 'socket.io';
import type { Dropped } from '../../../server/dropped.ts';
import type { Emission, Engine } from '../../../server/engine/engine.ts';
import { openMemoryEngine } from '../../../server/engine/memory/memory-engine.ts';
import { createVolatileStore } from '../../../server/engine/memory/store/volatile-store.ts';
import { secretKey } from '../../../server/keys.ts';
import { createOriginCheck } from '../../../server/origins.ts';
import type { Broadcast } from '../../../server/sockets/broadcast.ts';
import type { SocketCounts } from '../../../server/sockets/counts.ts';
import { createSocketGateways } from '../../../server/sockets/gateways.ts';
import type { SocketLimits } from '../../../server/sockets/limits.ts';
import type { TabGateway } from '../../../server/sockets/tab-gateway.ts';
import { createTokenVerifier } from '../../../server/tokens.ts';
import { limitedWebSocketServer } from '../../../server/web-socket.ts';
import type { ConnectErrorCode } from '../../../shared/errors.ts';
import type { SessionView } from '../../../shared/protocol.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { type InterposedEngine, interpose } from '../../support/interposed-engine.ts';
import { Tab, type TabOptions } from '../../support/tab.ts';
import { pause } from '../../support/waiting.ts';
import { Dashboard } from './dashboard.ts';

export const START = Date.UTC(2026, 0, 5, 9);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const LEAD = MINUTE;
export const IDLE_AFTER = MINUTE;
export const LEAVE_GRACE = 5 * SECOND;

const SECRET = 'a secret that the desks of these tests share';
export type Claims = Record<string, unknown>;
let logins = 0;

/** What the gateway counted. */
export interface Counted extends SocketCounts {
  open: number;
  malformedPayloads: number;
  refusals: ConnectErrorCode[];
  losses: Dropped[];
}

export function createCounted(): Counted {
  return {
    open: 0,
    malformedPayloads: 0,
    refusals: [],
    losses: [],
    sockets(_namespace, change) {
      this.open += change;
    },
    refused(code) {
      this.refusals.push(code);
    },
    malformed() {
      this.malformedPayloads += 1;
    },
    dropped(what) {
      this.losses.push(what);
    },
  };
}

export interface DeskOptions {
  limits?: Partial<SocketLimits>;
  origins?: string[];
  broadcast?: Broadcast;
  /** Shared by the nodes of a desk with several. */
  clock?: TestClock;
  engine?: Engine;
}

/** One node's gateway on a memory engine whose clock stands still, with real sockets. */
export class Desk {
  readonly clock: TestClock;
  readonly counted = createCounted();
  readonly errors: unknown[] = [];
  readonly io: Server;
  /** The engine as others use it: what is done to it here did not come through this gateway. */
  engine!: Engine;
  /** What stands between the gateway and the engine. */
  between!: InterposedEngine;
  gateway!: TabGateway;
  url = '';
  /** Pushes of the engine that never arrive, as pub/sub may lose them. */
  losePushes = false;
  readonly #http = createServer();
  readonly #tabs: Tab[] = [];
  readonly #dashboards: Dashboard[] = [];

  private constructor(clock: TestClock) {
    this.clock = clock;
    const wsEngine = limitedWebSocketServer(() => undefined);
    this.io = new Server(this.#http, { maxHttpBufferSize: 16_384, wsEngine });
  }

  static async open(options: DeskOptions = {}): Promise<Desk> {
    const desk = new Desk(options.clock ?? createTestClock(START));
    await desk.#start(options);
    return desk;
  }

  async #start(options: DeskOptions): Promise<void> {
    const log = { info() {}, warn() {}, error: (fields: object) => void this.errors.push(fields) };
    this.engine =
      options.engine ??
      (await openMemoryEngine({
        leadMs: LEAD,
        minTimeoutMs: 15 * MINUTE,
        clock: this.clock,
        store: createVolatileStore(),
        relay: (emission) => this.relay(emission),
        log,
      }));
    this.between = interpose(this.engine);
    this.gateway = createSocketGateways({
      io: this.io,
      engine: this.between.engine,
      tokens: createTokenVerifier({ keys: [secretKey(SECRET)] }),
      origins: createOriginCheck(options.origins ?? []),
      clock: this.clock,
      log,
      leadMs: LEAD,
      display: { idleAfterMs: IDLE_AFTER, leaveGraceMs: LEAVE_GRACE },
      metrics: this.counted,
      limits: options.limits,
      broadcast: options.broadcast,
    });
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  relay(emission: Emission): Promise<void> | undefined {
    return this.losePushes ? undefined : this.gateway.relay(emission);
  }

  /** A token of agent `ada` of `acme` for a new login, issued now by the desk's clock and good for a month. */
  token(claims: Claims = {}): string {
    const iat = Math.floor(this.clock.now() / 1_000);
    logins += 1;
    const login = claims.service === true ? {} : { sid: `login-${logins}` };
    return jwt.sign(
      { sub: 'ada', account: 'acme', ...login, iat, exp: iat + 31 * 86_400, ...claims },
      SECRET,
    );
  }

  /** A dashboard that tries to connect, of a manager `boss` of `acme` unless the claims say otherwise. */
  watch(claims: Claims = {}, options?: TabOptions): Dashboard {
    const token = this.token({ sub: 'boss', permissions: ['view_presence'], ...claims });
    const dashboard = new Dashboard(`${this.url}/presence`, token, options);
    this.#dashboards.push(dashboard);
    return dashboard;
  }

  /** A tab that tries to connect. */
  connect(token: string | undefined, options?: TabOptions): Tab {
    const tab = new Tab(this.url, token, options);
    this.#tabs.push(tab);
    return tab;
  }

  /** A visible tab that has been told its session. */
  async tab(claims: Claims = {}, options?: TabOptions): Promise<Tab> {
    const tab = this.connect(this.token(claims), options);
    await tab.next('session');
    await this.say(tab, 'focus', { visible: true, focused: true });
    return tab;
  }

  /** Emits an event and waits until the gateway has dealt with it. */
  say(tab: Tab, event: string, payload?: unknown): Promise<unknown> {
    const socket = tab.socket as unknown as { emitWithAck(...args: unknown[]): Promise<unknown> };
    return payload === undefined ? socket.emitWithAck(event) : socket.emitWithAck(event, payload);
  }

  /** Lets time pass in steps, with the promises of each step settled: as long as a real node would need for them. */
  async pass(ms: number, { stepMs = ms, sweep = true } = {}): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left));
      if (sweep) await this.engine.sweep();
      await settle();
    }
  }

  /** Signs an agent out, as a manager does. */
  signOut(agent = 'ada'): Promise<boolean> {
    return this.engine.signOut({ account: 'acme', agent, by: 'boss' });
  }

  async close(): Promise<void> {
    for (const tab of this.#tabs) tab.close();
    for (const dashboard of this.#dashboards) dashboard.close();
    this.gateway.close();
    await this.io.close();
    await this.engine.close();
  }
}

/** What a tab was told last, as the engine says it. */
export async function view(desk: Desk, tab: Tab): Promise<SessionView> {
  await settle();
  const { serverTime, ...session } = tab.all('session').at(-1)!.message;
  expect(serverTime).to.be.at.most(desk.clock.now());
  return session;
}
/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** As long as a message on a local socket needs, many times over: for what must not arrive. */
export function meanwhile(): Promise<void> {
  return pause(80);
}
