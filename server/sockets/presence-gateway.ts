import type { Namespace, Server } from 'socket.io';
import type { PresenceDisplay } from '../../shared/presence.ts';
import type { Clock } from '../clock.ts';
import { type Emission, type Engine, EngineUnavailable } from '../engine/engine.ts';
import { type Broadcast, type PushMessage, soleNode } from './broadcast.ts';
import { forgetRequest } from './connection.ts';
import type { SocketCounts, SocketLog } from './counts.ts';
import type { Door } from './door.ts';
import { DueQueue } from './due-queue.ts';
import type { SocketLimits } from './limits.ts';
import { followLink } from './link.ts';
import { inPieces } from './pieces.ts';
import { WatchedAccount } from './watched-account.ts';
import { mayWatch, Watcher, type WatcherSocket } from './watcher.ts';

/** How often watchers are checked without a reason: a push that takes a permission away may be lost. */
const CHECK_MS = 30_000;
/** A new login's tab says in a moment whether it is visible: until then it would be shown as in the background. */
const SETTLE_MS = 400;
const MAX_SPREAD_MS = 3_000;

export interface PresenceGatewayOptions {
  io: Server;
  door: Door;
  engine: Engine;
  clock: Clock;
  log: SocketLog;
  leadMs: number;
  display: PresenceDisplay;
  counts: SocketCounts;
  limits: SocketLimits;
  broadcast?: Broadcast | undefined;
}

/** The dashboard's socket: contract section 5. Watching is no activity and opens no tab. */
export class PresenceGateway {
  readonly #options: PresenceGatewayOptions;
  readonly #namespace: Namespace;
  readonly #accounts = new Map<string, WatchedAccount>();
  readonly #expiry: DueQueue<Watcher>;
  readonly #unfollow: () => void;
  #cancelCheck: (() => void) | undefined;

  constructor(options: PresenceGatewayOptions) {
    const { io, engine, clock, leadMs, log, door, broadcast = soleNode } = options;
    this.#options = options;
    this.#namespace = io.of('/presence');
    this.#namespace.use(
      door.guard(({ login }) => ({
        judge: ({ permissions }) => {
          if (!mayWatch(permissions)) return 'forbidden';
          const open = this.#accounts.get(login.account)?.openOf(login.agent) ?? 0;
          return open < options.limits.watchersPerAgent ? null : 'rate_limited';
        },
      })),
    );
    this.#namespace.on('connection', (socket) => this.#enter(socket as unknown as WatcherSocket));
    broadcast.onMessage((message) => this.#deliver(message));
    broadcast.onMissed?.(() => void this.#checkAll());
    this.#expiry = new DueQueue<Watcher>({
      clock,
      now: () => engine.now(),
      run: (due) => {
        for (const watcher of due) watcher.expired();
      },
    });
    this.#unfollow = followLink({
      engine,
      clock,
      leadMs,
      log,
      lost: () => undefined,
      back: () => void this.#checkAll(),
      sendElsewhere: () => void this.sendElsewhere(MAX_SPREAD_MS),
    });
  }

  /** Takes what the engine of this node told. */
  relay({ account, agent, pushes, events }: Emission): void {
    this.#deliver({ account, agent, pushes });
    if (events.some(({ type }) => type === 'session.started')) this.hint(account, SETTLE_MS);
  }

  /** Something has changed in an account that its dashboards should not wait for. */
  hint(account: string, delayMs = 0): void {
    this.#accounts.get(account)?.feed.hint(delayMs);
  }

  sendElsewhere(spreadMs: number): Promise<void> {
    return inPieces(this.#watchers(), (watcher) => watcher.reconnect(Math.floor(Math.random() * spreadMs)));
  }

  disconnectAll(): Promise<void> {
    return inPieces(this.#watchers(), (watcher) => watcher.disconnect());
  }

  close(): void {
    this.#unfollow();
    this.#expiry.close();
    this.#cancelCheck?.();
    for (const { feed } of this.#accounts.values()) feed.close();
    this.#accounts.clear();
  }

  #watchers(): Watcher[] {
    return [...this.#accounts.values()].flatMap(({ watchers }) => [...watchers]);
  }

  /** It is among the watchers before it is checked, so that nothing which takes it off is missed. */
  #enter(socket: WatcherSocket): void {
    const watcher = new Watcher(socket);
    forgetRequest(socket);
    const watched = this.#watch(watcher.login.account);
    watched.watchers.add(watcher);
    this.#options.counts.sockets('/presence', 1);
    socket.on('disconnect', () => this.#left(watcher, watched));
    socket.onAny((_event: string, ...args: unknown[]) => refuse(watcher, args));
    this.#expiry.set(watcher, watcher.expiresAt);
    this.#cancelCheck ??= this.#options.clock.after(CHECK_MS, () => this.#checkAgain());
    void this.#start(watcher, watched);
  }

  #watch(account: string): WatchedAccount {
    const known = this.#accounts.get(account);
    if (known !== undefined) return known;
    const { limits, engine, clock, display, log } = this.#options;
    const watched = new WatchedAccount({
      account,
      engine,
      clock,
      display,
      log,
      backlog: limits.watcherBacklog,
      broadcast: (room, message) => this.#namespace.local.to(room).emit('changes', message),
    });
    this.#accounts.set(account, watched);
    return watched;
  }

  async #start(watcher: Watcher, watched: WatchedAccount): Promise<void> {
    await this.#check(watcher);
    if (!watcher.isOver) await watched.show(watcher);
  }

  #left(watcher: Watcher, watched: WatchedAccount): void {
    watcher.gone();
    this.#expiry.delete(watcher);
    watched.watchers.delete(watcher);
    if (watched.watchers.size === 0) {
      watched.feed.close();
      this.#accounts.delete(watcher.login.account);
    }
    watcher.connection.leave('/presence');
    watcher.connection.closeIfUnused();
    this.#options.counts.sockets('/presence', -1);
  }

  #deliver({ account, pushes }: PushMessage): void {
    const watched = this.#accounts.get(account);
    if (watched === undefined || pushes.length === 0) return;
    for (const push of pushes) {
      if (push.type === 'ended')
        watched.end(push.sids, { rev: push.rev, reason: push.reason, endedAt: push.endedAt });
      else if (push.type === 'access' && !mayWatch(push.permissions)) watched.takeOff(push.sid);
    }
    watched.feed.hint(pushes.every(({ type }) => type === 'session') ? SETTLE_MS : 0);
  }

  #checkAgain(): void {
    this.#cancelCheck = undefined;
    if (this.#accounts.size === 0) return;
    this.#cancelCheck = this.#options.clock.after(CHECK_MS, () => this.#checkAgain());
    void this.#checkAll();
  }

  async #checkAll(): Promise<void> {
    for (const watcher of this.#watchers()) await this.#check(watcher);
  }

  /** Takes off who may not watch any more. Never rejects. */
  async #check(watcher: Watcher): Promise<void> {
    const { engine, log } = this.#options;
    const { login } = watcher;
    try {
      const admission = await engine.admit(login);
      if (admission.ok) {
        if (!mayWatch(admission.permissions)) watcher.disconnect();
        return;
      }
      const [end] = await engine.sessions([login]);
      const rev = (await engine.agent(login.account, login.agent))?.rev ?? 0;
      if (end?.state === 'ended') watcher.ended({ rev, reason: end.reason, endedAt: end.endedAt });
      else watcher.disconnect();
    } catch (error) {
      if (!(error instanceof EngineUnavailable))
        log.error({ err: error }, 'a dashboard could not be checked');
    }
  }
}

/** A dashboard has nothing to say. */
function refuse(watcher: Watcher, args: unknown[]): void {
  if (watcher.isOver) return;
  const reply = args.at(-1);
  if (typeof reply === 'function') reply({ ok: false, code: 'bad_payload' });
  watcher.connection.malformed();
}
