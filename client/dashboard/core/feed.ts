import { Manager, type Socket } from 'socket.io-client';
import type { ChangesMessage, ServerToDashboard, SnapshotMessage } from '../../../shared/protocol.ts';
import type { PageClock } from '../../sdk/clock.ts';
import { waitBeforeTry } from '../../sdk/link/backoff.ts';
import type { TokenSource } from './token-source.ts';

export interface FeedHandlers {
  up(): void;
  down(): void;
  /** So many tries in a row have led to no connection. */
  failing(tries: number): void;
  snapshot(message: SnapshotMessage): void;
  changes(message: ChangesMessage): void;
  /** Nothing more will come: the session is over, or it may not see this. */
  over(code: string): void;
}

export interface Feed {
  open(): void;
  close(): void;
  /** Now is a good moment to connect: the page was shown, the network is back. */
  nudge(): void;
}

export interface FeedOptions {
  base: URL;
  tokens: TokenSource;
  clock: PageClock;
  random: () => number;
  handlers: FeedHandlers;
}

const CONNECT_PATIENCE_MS = 15_000;
const FINAL = /^(session_ended|forbidden|origin_denied)$/;

/** The stream of presence (contract section 5). Connects again by itself; everything starts anew with each connection. */
export function createFeed({ base, tokens, clock, random, handlers }: FeedOptions): Feed {
  let socket: Socket<ServerToDashboard> | null = null;
  let wanted = false;
  let up = false;
  let failures = 0;
  let tries = 0;
  let held = false;
  let cancel = () => {};

  const drop = (): void => {
    tries += 1;
    cancel();
    socket?.off();
    socket?.disconnect();
    socket = null;
    if (up) handlers.down();
    up = held = false;
  };
  const again = (pace: 'normal' | 'refused'): void => {
    drop();
    if (!wanted) return;
    failures += 1;
    handlers.failing(failures);
    cancel = clock.after(waitBeforeTry(failures, pace, random()), () => void connect());
  };
  const finish = (code: string): void => {
    wanted = false;
    drop();
    handlers.over(code);
  };

  async function connect(): Promise<void> {
    drop();
    const mine = tries;
    const token = await tokens.get();
    if (mine !== tries || !wanted) return;
    if (token === null) return finish('session_ended');
    cancel = clock.after(CONNECT_PATIENCE_MS, () => again('normal'));
    listen(token);
  }

  function listen(token: string): void {
    const manager = new Manager(base.origin, {
      path: `${base.pathname.replace(/\/+$/, '')}/socket.io/`,
      transports: ['websocket'],
      reconnection: false,
      autoConnect: false,
      timeout: false as unknown as number,
    });
    const mine: Socket<ServerToDashboard> = manager.socket('/presence', { auth: { token } });
    socket = mine;
    mine.on('connect', () => {
      cancel();
      up = true;
      handlers.up();
    });
    mine.on('connect_error', (error) => {
      const code = String((error as { data?: { code?: unknown } }).data?.code ?? 'unreachable');
      if (FINAL.test(code)) return finish(code);
      if (!code.startsWith('token_')) return again(code === 'rate_limited' ? 'refused' : 'normal');
      void tokens.renew(token).then(() => again('refused'));
    });
    mine.on('disconnect', () => {
      if (!held) again('normal');
    });
    mine.on('snapshot', (message) => {
      failures = 0;
      handlers.snapshot(message);
    });
    mine.on('changes', handlers.changes);
    mine.on('ended', () => finish('session_ended'));
    mine.on('expired', () => {
      void tokens.renew(token).then(() => {
        if (wanted && socket === mine) void connect();
      });
    });
    mine.on('reconnect', ({ afterMs }) => {
      held = true;
      cancel = clock.after(Math.min(Math.max(Number(afterMs) || 0, 0), 60_000), () => void connect());
    });
    mine.connect();
  }

  return {
    open() {
      wanted = true;
      void connect();
    },
    close() {
      wanted = false;
      drop();
    },
    nudge() {
      if (wanted && !up && !held && failures > 0) void connect();
    },
  };
}
