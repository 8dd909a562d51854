import type { IncomingMessage } from 'node:http';
import type { Server } from 'socket.io';
import type { Clock } from '../clock.ts';
import type { Emission, Engine } from '../engine/engine.ts';
import type { OriginCheck } from '../origins.ts';
import type { TokenVerifier } from '../tokens.ts';
import { Turns } from '../turns.ts';
import { type Broadcast, messageOf, type PushMessage, soleNode } from './broadcast.ts';
import { NO_COUNTS, type SocketCounts, type SocketLog } from './counts.ts';
import { createDoor, type Door } from './door.ts';
import { DEFAULT_LIMITS, type SocketLimits } from './limits.ts';
import { followLink } from './link.ts';
import { breathe, inPieces } from './pieces.ts';
import { Refresh } from './refresh.ts';
import { Reports } from './reports.ts';
import type { TabSocket } from './tab.ts';
import { TabEvents } from './tab-events.ts';
import { TabLife } from './tab-life.ts';
import { TabRegistry } from './tab-registry.ts';
import { Telling } from './telling.ts';
import { TokenExpiry } from './token-expiry.ts';

export interface TabGatewayOptions {
  /** Already attached to its HTTP server. */
  io: Server;
  engine: Engine;
  tokens: TokenVerifier;
  origins: OriginCheck;
  clock: Clock;
  log: SocketLog;
  /** The lead of the warning, as the engine was opened with. */
  leadMs: number;
  metrics?: SocketCounts | undefined;
  limits?: Partial<SocketLimits> | undefined;
  /** The client's address, as far as proxies are trusted; without it, the peer's. */
  addressOf?: ((request: IncomingMessage) => string) | undefined;
  /** How the other nodes are reached; without it there are none. */
  broadcast?: Broadcast | undefined;
  /** Shared with the other namespace; without it, an own one. */
  door?: Door | undefined;
  /** Tabs of this node were opened, shown, hidden or closed, and the engine knows. */
  onTabs?: ((account: string) => void) | undefined;
}

export interface TabGateway {
  /** Tells the tabs of all nodes; resolves once the others' share is on its way. */
  relay(emission: Emission): Promise<void>;
  /** Sends all tabs elsewhere, lets the engine have what they reported, and closes their sockets. */
  shutdown(): Promise<void>;
  /** Stops at once, without a word. */
  close(): void;
}

/** Tabs that are sent elsewhere do not all arrive at once; nor is a visible one away for long. */
const MAX_SPREAD_MS = 3_000;
/** How long after the last was due at its new node the sockets stay. */
const GRACE_MS = 500;
const POLL_MS = 50;
/** How long whoever leaves waits for an engine that hangs. */
const LAST_FLUSH_MS = 2_500;

/** The tabs' socket: contract sections 3 and 4. Everything about it that lives in this node is in here. */
export function createTabGateway(options: TabGatewayOptions): TabGateway {
  const { io, engine, clock, log, leadMs, broadcast = soleNode } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const counts = options.metrics ?? NO_COUNTS;
  const door = options.door ?? createDoor({ ...options, limits, counts });
  const registry = new TabRegistry();
  const telling = new Telling({ engine, registry, clock, counts, log });
  const { onTabs = () => undefined } = options;
  const reports = new Reports({ engine, clock, keep: limits.keptReports, onTabs, counts, log });
  const refresh = new Refresh({ telling, clock, log });
  const expiry = new TokenExpiry({ clock, engine });
  const events = new TabEvents({ engine, reports, telling, tokens: options.tokens, expiry, log });
  const turns = new Turns(clock, (error) =>
    log.error({ err: error }, 'a push could not be told, or a connection closed'),
  );
  const life = new TabLife({ engine, registry, telling, reports, events, expiry, turns, counts });

  const tabs = io.of('/');
  // The registry finds them: none is in a room, not even in its own, which would be two sets for each.
  tabs.adapter.addAll = () => undefined;
  tabs.use(
    door.guard(({ login }, { id }, connection) => {
      const known = registry.find(login.account, login.agent);
      const open = known === undefined ? 0 : known.tabs.length + known.expected;
      if (open >= limits.tabsPerAgent) return 'rate_limited';
      return life.expect(login, id, connection);
    }),
  );
  tabs.on('connection', (socket) => life.enter(socket as unknown as TabSocket));

  function tell({ account, agent, pushes }: PushMessage): void {
    for (const push of pushes) {
      if (push.type === 'policy') refresh.add(registry.agents(account));
      else if (push.type !== 'access' && agent !== null) telling.deliver(account, agent, push);
    }
  }
  broadcast.onMessage((message) => {
    engine.heard({ ...message, events: message.events ?? [] });
    turns.run(() => tell(message));
  });
  broadcast.onMissed?.(() => refresh.add(registry.agents()));

  function sendElsewhere(spreadMs: number): Promise<void> {
    return inPieces(registry.tabs(), (tab) => tab.reconnect(Math.floor(Math.random() * spreadMs)));
  }

  const unfollow = followLink({
    engine,
    clock,
    leadMs,
    log,
    lost: () => reports.linkLost(),
    back: () => void linkBack(),
    sendElsewhere: () => void sendElsewhere(MAX_SPREAD_MS),
  });

  async function linkBack(): Promise<void> {
    // What the engine was told last before the link went may be lost with it: all that is known is told again, and
    // before anyone is judged.
    for (const tab of registry.tabs()) {
      if (tab.lastInputAt > 0) reports.input(tab.login, tab.lastInputAt, { atOnce: false });
    }
    await reports.linkBack();
    refresh.add(registry.agents());
  }

  function close(): void {
    door.close();
    turns.close();
    unfollow();
    life.close();
    telling.close();
    refresh.close();
    reports.close();
  }

  async function flushInTime(): Promise<void> {
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(LAST_FLUSH_MS, resolve);
    });
    await Promise.race([reports.flush(), late]).finally(() => cancel());
  }

  /** Until all have left, or had their time to. */
  async function waitForTabs(ms: number): Promise<void> {
    const until = clock.monotonic() + ms;
    while (registry.size > 0 && clock.monotonic() < until) {
      await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve));
    }
  }

  return {
    async relay(emission) {
      if (emission.pushes.length === 0) return;
      const message = messageOf(emission);
      turns.run(() => tell(message));
      await broadcast.send(message);
    },

    async shutdown() {
      door.close();
      const spreadMs = Math.min(MAX_SPREAD_MS, 100 + registry.size);
      await sendElsewhere(spreadMs);
      await flushInTime();
      await waitForTabs(spreadMs + GRACE_MS);
      await inPieces(registry.tabs(), (tab) => tab.disconnect());
      await breathe();
      await flushInTime();
      close();
    },

    close,
  };
}
