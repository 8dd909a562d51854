import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Server, type Socket } from 'socket.io';
import type { EndedMessage, ServerToTab, SessionMessage, TabToServer } from '../../shared/protocol.ts';
import { withTimeout } from './waiting.ts';

export type Report = { event: keyof TabToServer; payload: Record<string, unknown>; at: number };

/** What a token that the fake takes for granted claims; it is not signed. */
export function looseToken(claims: Record<string, unknown> = {}): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const all = { sub: 'ann', account: 'acme', sid: 'login-1', iat: now, exp: now + 3_600, ...claims };
  return `${part({ alg: 'HS256' })}.${part(all)}.x`;
}

/** One connection of a tab, as the server sees it. */
export class TabConnection {
  readonly reports: Report[] = [];
  readonly token: string;
  closed = false;
  readonly #socket: Socket<TabToServer, ServerToTab>;
  readonly #vigil: FakeVigil;
  #read = 0;
  #wake = () => {};

  constructor(socket: Socket<TabToServer, ServerToTab>, vigil: FakeVigil) {
    this.#socket = socket;
    this.#vigil = vigil;
    this.token = String(socket.handshake.auth.token);
    socket.on('disconnect', () => {
      this.closed = true;
      this.#wake();
    });
    socket.onAny((event, payload, ack) => {
      this.reports.push({ event, payload, at: Date.now() });
      this.#wake();
      if (typeof ack === 'function') ack(vigil.answer(event, payload));
      if (event === 'activity') vigil.onActivity(this, payload.idleMs);
    });
  }

  get transport(): string {
    return this.#socket.conn.transport.name;
  }

  send<E extends keyof ServerToTab>(event: E, ...message: Parameters<ServerToTab[E]>): void {
    this.#socket.emit(event, ...message);
  }

  /** Says how the session stands, as the fake has it, with changes. */
  session(changes: Partial<SessionMessage> = {}): void {
    this.send('session', { ...this.#vigil.session(), ...changes });
  }

  end(reason: EndedMessage['reason'] | string): void {
    this.#vigil.rev += 1;
    this.send('ended', {
      rev: this.#vigil.rev,
      reason: reason as EndedMessage['reason'],
      endedAt: Date.now(),
    });
    this.#socket.disconnect(true);
  }

  /** Cuts the connection. */
  drop(): void {
    this.#socket.conn.close(true);
  }

  /** The next report of that kind that was not looked at yet; those before it count as seen. */
  async next(event: keyof TabToServer, timeoutMs = 5_000): Promise<Report> {
    const found = this.#wait(() => {
      const index = this.reports.findIndex((report, at) => at >= this.#read && report.event === event);
      if (index === -1) return undefined;
      this.#read = index + 1;
      return this.reports[index];
    });
    return withTimeout(found, timeoutMs, () => `'${event}' among ${JSON.stringify(this.reports)}`);
  }

  all(event: keyof TabToServer): Report[] {
    return this.reports.filter((report) => report.event === event);
  }

  async gone(timeoutMs = 5_000): Promise<void> {
    await withTimeout(
      this.#wait(() => this.closed || undefined),
      timeoutMs,
      'the end of a connection',
    );
  }

  async #wait<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

export type FakeVigil = Awaited<ReturnType<typeof startFakeVigil>>;

/**
 * Speaks the contract's socket by script, for what a real server would not do on demand: answer late, answer nothing,
 * cut a link. It also serves the SDK's bundles and the pages of a host.
 */
export async function startFakeVigil({ sdkFolder, prefix = '' }: { sdkFolder: string; prefix?: string }) {
  const pages = new Map<string, { body: string; headers: Record<string, string> }>();
  const connections: TabConnection[] = [];
  let waiting: ((tab: TabConnection) => void)[] = [];
  let unread: TabConnection[] = [];

  const http = createServer((request, response) => void serve(request, response));
  const io = new Server<TabToServer, ServerToTab>(http, {
    path: `${prefix}/socket.io/`,
    cors: { origin: true, credentials: true },
    allowRequest: (_request, decide) => decide(null, !vigil.away),
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0]!;
    vigil.requests.push(`${request.method} ${path}`);
    const page = pages.get(path);
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-methods', 'DELETE');
    response.setHeader('access-control-allow-headers', 'authorization');
    if (/^\/vigil\.m?js$/.test(path.slice(prefix.length))) {
      response.setHeader('content-type', 'text/javascript; charset=utf-8');
      response.end(await readFile(join(sdkFolder, path.slice(prefix.length))));
    } else if (page) {
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        ...page.headers,
      });
      response.end(page.body);
    } else {
      response.statusCode = request.method === 'GET' ? 404 : 204;
      response.end();
    }
  }

  io.use((socket, next) => {
    const refusal = vigil.refuse(String(socket.handshake.auth.token));
    next(refusal === null ? undefined : Object.assign(new Error(refusal.code), { data: refusal }));
  });
  io.on('connection', (socket) => {
    const tab = new TabConnection(socket, vigil);
    connections.push(tab);
    const next = waiting.shift();
    if (next) next(tab);
    else unread.push(tab);
    vigil.greet(tab);
  });

  const vigil = {
    url: '',
    away: false,
    rev: 1,
    timeoutMs: 900_000,
    leadMs: 60_000,
    state: 'active' as SessionMessage['state'],
    /** When the session ends, in epoch ms. */
    endsAt: Date.now() + 900_000,
    available: null as boolean | null,
    connections,
    requests: [] as string[],
    greet: (tab: TabConnection): void => tab.session(),
    refuse: (_token: string): { code: string; reason?: string } | null => null,
    onActivity: (_tab: TabConnection, _idleMs: number): void => {},
    answer: (_event: string, _payload: unknown): unknown => ({ ok: true }),

    session(): SessionMessage {
      const { rev, state, endsAt, timeoutMs, leadMs, available } = vigil;
      const times = {
        lastActivityAt: endsAt - timeoutMs,
        deadlineAt: endsAt,
        endsAt,
        warnAt: endsAt - leadMs,
      };
      return { rev, state, ...times, timeoutMs, leadMs, available, serverTime: Date.now() };
    },
    /** Warns every tab: the session ends in so long. */
    warn(inMs: number): void {
      vigil.rev += 1;
      vigil.state = 'warning';
      vigil.endsAt = Date.now() + inMs;
      const { rev, endsAt } = vigil;
      for (const tab of vigil.open())
        tab.send('warning', { rev, deadlineAt: endsAt, endsAt, serverTime: Date.now() });
    },
    /** Somebody was active: tells every tab. */
    resume(): void {
      vigil.rev += 1;
      vigil.state = 'active';
      vigil.endsAt = Date.now() + vigil.timeoutMs;
      for (const tab of vigil.open()) tab.session();
    },
    open: () => connections.filter((tab) => !tab.closed),
    /** The next connection that was not looked at yet. */
    async nextTab(timeoutMs = 5_000): Promise<TabConnection> {
      const known = unread.shift();
      if (known) return known;
      const coming = new Promise<TabConnection>((resolve) => waiting.push(resolve));
      return withTimeout(coming, timeoutMs, 'a tab to connect');
    },
    page(path: string, body: string, headers: Record<string, string> = {}): string {
      pages.set(path, { body, headers });
      return vigil.url + path;
    },
    /** Out of reach: connections are cut, new ones are refused, until `away` is false again. */
    leave(): void {
      vigil.away = true;
      for (const tab of vigil.open()) tab.drop();
    },
    async close(): Promise<void> {
      waiting = [];
      unread = [];
      const closed = io.close();
      http.closeAllConnections();
      await closed;
    },
  };
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  vigil.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return vigil;
}
