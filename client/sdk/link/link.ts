import { Manager, type Socket } from 'socket.io-client';
import { PROTOCOL_VERSION, type ServerToTab, type TabToServer } from '../../../shared/protocol.ts';
import { createAlarm, elapsedSince, type Mark, markNow, type PageClock } from '../clock.ts';
import { VigilError } from '../errors.ts';
import { type Pace, waitBeforeTry } from './backoff.ts';
import { bounded } from './bounded.ts';
import { createRenewal } from './renewal.ts';
import type { Tokens } from './tokens.ts';

export interface LinkOptions {
  clock: PageClock;
  /** Where Vigil is, and the path before its own. */
  origin: string;
  prefix: string;
  /** Fall back to HTTP long polling where a WebSocket does not get through. */
  polling: boolean;
  tokens: Tokens;
  /** The server's clock, estimated. */
  serverNow: () => number;
  random: () => number;
  /** Whether every second of being unconnected counts. */
  isUrgent: () => boolean;
  handlers: LinkHandlers;
}

export interface LinkHandlers extends Pick<ServerToTab, 'session' | 'warning' | 'ended'> {
  up(): void;
  /** The link was lost, or a try to connect failed with `code`; the next one is under way or planned. */
  down(code: string): void;
  /** The session is over and the link closed: the server refused it, or the host (null) says that nobody is signed in. */
  over(reason: string | null): void;
}

/** The connection of a tab to whichever node answers. It keeps nothing to send later. */
export interface Link {
  readonly up: boolean;
  open(): void;
  close(): void;
  /** Gives the present connection up and makes another one. */
  renew(): void;
  /** Now is a good moment to connect, if that is wanted: the tab was shown, the network is back. */
  nudge(): void;
  /** False where there is no link; nothing is kept. */
  send<E extends 'activity' | 'focus'>(event: E, report: Parameters<TabToServer[E]>[0]): boolean;
  /** Rejects with a VigilError, its code `offline`, `timeout` or the server's. */
  request(event: 'logout', payload: Record<string, never>): Promise<void>;
  request(event: 'availability', payload: { available: boolean }): Promise<void>;
}

/** What the server answers, whatever was asked. */
type Ack = { ok: true } | { ok: false; code: string };

/** A try that has not led to a connection by then has failed. */
const CONNECT_PATIENCE_MS = 15_000;
/** A nudge gives a try up that has taken this long: it may hang on a network that has gone. */
const STALE_TRY_MS = 3_000;
const ACK_PATIENCE_MS = 5_000;
/** A connection that breaks sooner counts as a failed try, so that nothing loops without a pause. */
const STABLE_AFTER_MS = 2_000;
const LONGEST_HOLD_MS = 60_000;
/** Another try will most likely be answered the same. */
const REFUSALS = /^(token_|origin_denied|rate_limited|forbidden|login_changed)/;

export function createLink({
  clock,
  origin,
  prefix,
  polling,
  tokens,
  serverNow,
  random,
  isUrgent,
  handlers,
}: LinkOptions): Link {
  let socket: Socket<ServerToTab, TabToServer> | null = null;
  let up = false;
  let wanted = false;
  let trying = false;
  let failures = 0;
  /** Counts tries; an answer to an older one comes too late. */
  let current = 0;
  let since: Mark = markNow(clock);
  const alarm = createAlarm(clock);
  /** A leaving node asked to come back at a moment; nothing is tried before it. */
  let held = false;
  let retriedToken = false;
  let toldOutdated = false;
  /** Answers what waits for the server on a connection that goes. */
  let abandon = new AbortController();

  const drop = (): void => {
    current += 1;
    up = false;
    trying = false;
    held = false;
    renewal.stop();
    alarm.clear();
    abandon.abort();
    abandon = new AbortController();
    socket?.off();
    socket?.disconnect();
    socket = null;
  };

  /** Tries again: at once and without a timer after a good connection, then ever more slowly. */
  const again = (pace: Pace): void => {
    const waitMs = waitBeforeTry(failures, pace, random());
    if (waitMs === 0) void connect();
    else alarm.set(waitMs, connect);
  };

  const fail = (code: string): void => {
    drop();
    failures += 1;
    handlers.down(code);
    if (wanted) again(REFUSALS.test(code) ? 'refused' : isUrgent() ? 'urgent' : 'normal');
  };

  const lose = (code: string): void => {
    const stable = elapsedSince(clock, since) >= STABLE_AFTER_MS;
    if (!stable) {
      fail(code);
      return;
    }
    drop();
    failures = 0;
    handlers.down(code);
    if (wanted) again('normal');
  };

  const finish = (reason: string | null): void => {
    wanted = false;
    drop();
    handlers.over(reason);
  };

  const refuse = (code: string, reason: unknown): void => {
    if (code === 'session_ended') {
      finish(String(reason ?? 'lost'));
      return;
    }
    if (code.startsWith('token_')) tokens.drop();
    if (code === 'token_expired' && !retriedToken) {
      retriedToken = true;
      void connect();
    } else {
      fail(code);
    }
  };

  const connect = async (): Promise<void> => {
    drop();
    trying = true;
    const mine = current;
    since = markNow(clock);
    let token: string | null;
    try {
      token = await tokens.get();
    } catch (error) {
      // Its cause is for whoever writes the page.
      console.warn(error);
      if (mine === current) fail((error as VigilError).code);
      return;
    }
    if (mine !== current) return;
    if (token === null) return finish(null);
    alarm.set(CONNECT_PATIENCE_MS, () => fail('timeout'));
    open(token);
  };

  /** A manager and a socket for each try: what an old one still holds in its buffers goes with it. */
  const open = (token: string): void => {
    const manager = new Manager(origin, {
      path: `${prefix}/socket.io/`,
      transports: polling ? ['websocket', 'polling'] : ['websocket'],
      tryAllTransports: polling,
      // A load balancer keeps polls on one node by a cookie.
      withCredentials: polling,
      reconnection: false,
      autoConnect: false,
      timeout: false as unknown as number,
    });
    const mine: Socket<ServerToTab, TabToServer> = manager.socket('/', {
      auth: { token, protocol: PROTOCOL_VERSION },
    });
    let isHeard = false;
    socket = mine;
    mine.on('connect', () => {
      alarm.clear();
      up = true;
      retriedToken = false;
      since = markNow(clock);
      handlers.up();
    });
    mine.on('connect_error', (error) => {
      const { code, reason } = (error as { data?: { code?: unknown; reason?: unknown } }).data ?? {};
      refuse(String(code ?? 'unreachable'), reason);
    });
    mine.on('disconnect', (reason) => {
      // After `reconnect` the old node hangs up on us; we come back when it said, not before.
      if (!held) return lose(reason);
      up = false;
      handlers.down(reason);
    });
    mine.on('expired', () => {
      tokens.drop();
      lose('token_expired');
    });
    mine.on('reconnect', ({ afterMs }) => {
      held = true;
      failures = 0;
      alarm.set(Math.min(Math.max(Number(afterMs) || 0, 0), LONGEST_HOLD_MS), connect);
    });
    mine.on('session', (message) => {
      handlers.session(message);
      // Its clock is known now.
      if (!isHeard && socket === mine) renewal.start();
      isHeard = true;
    });
    mine.on('outdated', () => {
      if (!toldOutdated) console.warn('Vigil: this SDK is older than the server');
      toldOutdated = true;
    });
    mine.on('warning', handlers.warning);
    mine.on('ended', handlers.ended);
    mine.connect();
  };

  const request = async (event: string, payload: unknown): Promise<void> => {
    if (!up || socket === null) throw new VigilError('offline', 'there is no connection');
    const answer = new Promise<Ack>((resolve) => {
      abandon.signal.addEventListener('abort', () => resolve({ ok: false, code: 'offline' }));
      (socket!.emit as (event: string, payload: unknown, ack: typeof resolve) => void)(
        event,
        payload,
        resolve,
      );
    });
    const ack = await bounded(clock, answer, ACK_PATIENCE_MS, null);
    if (ack === null) throw new VigilError('timeout', 'the server did not answer');
    if (!ack.ok) throw new VigilError(ack.code, `refused: ${ack.code}`);
  };

  const renewal = createRenewal(clock, tokens, serverNow, (token) => request('token', { token }));

  return {
    get up() {
      return up;
    },
    open() {
      wanted = true;
      void connect();
    },
    close() {
      wanted = false;
      drop();
    },
    renew() {
      if (up) lose('silent');
    },
    nudge() {
      if (!wanted || up || held) return;
      if (!trying || elapsedSince(clock, since) > STALE_TRY_MS) void connect();
    },
    send(event, report) {
      if (!up || socket === null) return false;
      (socket.emit as (event: string, report: unknown) => void)(event, report);
      return true;
    },
    request,
  };
}
