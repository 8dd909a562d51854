import { WebSocket } from 'ws';
import type { EndReason } from '../../shared/events.ts';

/**
 * Thousands of tabs in one process: a small raw client of the Socket.IO protocol (websocket only, namespace `/`), so
 * that load and its bookkeeping do not become the limit. It behaves as the SDK does: it says what is visible after each
 * connect, repeats its last input, honours `reconnect`, and comes back by itself.
 */
export interface CrowdOptions {
  /** Where tab `index` connects, e.g. one URL for all or one for each node. */
  url: (index: number) => string;
  /** Undefined: whoever answers takes anybody, and tells them nothing when they have come. */
  token: (index: number) => string | undefined;
  /** `ws`: the same messages without Engine.IO and Socket.IO around them. */
  dialect?: 'socket.io' | 'ws';
  /** Where the connection of a tab comes from, e.g. 127.0.0.2: one address has some 28,000 ports. */
  localAddress?: (index: number) => string;
  /** Which of them are visible; default all. */
  visible?: (index: number) => boolean;
  /** Longest wait before another try, in ms; default 2000. */
  maxRetryMs?: number;
  onEvent?: (tab: CrowdTab, event: string, message: Record<string, unknown>) => void;
}

export interface CrowdTab {
  readonly index: number;
  connected: boolean;
  /** Since when it has been without a connection (epoch ms), and the longest such time so far. */
  awaySince: number;
  longestAwayMs: number;
  connects: number;
  ended: { reason: EndReason; endedAt: number; at: number } | null;
  refused: string | null;
  lastInputAt: number | null;
  deadlineAt: number;
}

const FIRST_RETRY_MS = 50;

export class Crowd {
  readonly tabs: CrowdTab[] = [];
  readonly #options: CrowdOptions;
  readonly #sockets = new Map<CrowdTab, WebSocket>();
  readonly #timers = new Map<CrowdTab, NodeJS.Timeout>();
  readonly #watchers = new Set<() => void>();
  #connected = 0;
  #isLooking = false;
  #closed = false;

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  get connected(): number {
    return this.#connected;
  }

  /** Opens tabs `from` … `from + count - 1`, `pace` at a time; resolves when each has had its `session`. */
  async open(count: number, { pace = 50 } = {}): Promise<void> {
    const from = this.tabs.length;
    for (let index = from; index < from + count; index += 1) {
      const tab: CrowdTab = {
        index,
        connected: false,
        awaySince: Date.now(),
        longestAwayMs: 0,
        connects: 0,
        ended: null,
        refused: null,
        lastInputAt: null,
        deadlineAt: 0,
      };
      this.tabs.push(tab);
      this.#connect(tab, 0);
      if ((index - from) % pace === pace - 1) await this.until(() => this.#settled(from, index + 1 - pace));
    }
    await this.until(() => this.#settled(from, from + count));
  }

  #settled(from: number, to: number): boolean {
    return this.tabs
      .slice(from, to)
      .every((tab) => tab.connected || tab.ended !== null || tab.refused !== null);
  }

  /** Input in a tab, `idleMs` ago. */
  input(tab: CrowdTab, idleMs = 0): void {
    tab.lastInputAt = Date.now() - idleMs;
    this.#emit(tab, 'activity', { idleMs });
  }

  /** Resolves when the condition holds; looks after everything that happens to any tab. */
  until(holds: () => boolean, timeoutMs = 60_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        this.#watchers.delete(look);
      };
      const look = () => {
        if (!holds()) return;
        stop();
        resolve();
      };
      const timer = setTimeout(() => {
        stop();
        reject(
          new Error(
            `The crowd did not get there in ${timeoutMs} ms: ${this.connected} of ${this.tabs.length} connected`,
          ),
        );
      }, timeoutMs);
      this.#watchers.add(look);
      look();
    });
  }

  /** How long the tab that was away longest was away, counting those that are still. */
  longestAwayMs(now = Date.now()): number {
    return Math.max(
      0,
      ...this.tabs.map((tab) => (tab.connected || tab.ended ? tab.longestAwayMs : now - tab.awaySince)),
    );
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const socket of this.#sockets.values()) socket.terminate();
  }

  #connect(tab: CrowdTab, attempt: number): void {
    const { dialect = 'socket.io', localAddress } = this.#options;
    const url = this.#options.url(tab.index).replace(/^http/, 'ws');
    const path = dialect === 'ws' ? '/' : '/socket.io/?EIO=4&transport=websocket';
    const from = localAddress === undefined ? {} : { localAddress: localAddress(tab.index) };
    const socket = new WebSocket(`${url}${path}`, { perMessageDeflate: false, ...from });
    this.#sockets.set(tab, socket);
    if (dialect === 'ws') socket.on('open', () => this.#arrived(tab));
    socket.on('message', (data) => this.#read(tab, socket, String(data)));
    socket.on('error', () => {});
    socket.on('close', () => this.#left(tab, socket, attempt));
  }

  #read(tab: CrowdTab, socket: WebSocket, text: string): void {
    if (text[0] === '0') this.#enter(tab, socket);
    else if (text === '2') socket.send('3');
    else if (text.startsWith('40') && this.#options.token(tab.index) === undefined) this.#arrived(tab);
    else if (text.startsWith('44')) this.#refuse(tab, socket, text.slice(2));
    else if (text.startsWith('42')) this.#hear(tab, socket, JSON.parse(text.slice(2)));
  }

  #enter(tab: CrowdTab, socket: WebSocket): void {
    const token = this.#options.token(tab.index);
    socket.send(token === undefined ? '40' : `40${JSON.stringify({ token })}`);
  }

  #refuse(tab: CrowdTab, socket: WebSocket, text: string): void {
    const { data } = JSON.parse(text) as { data?: { code?: string } };
    // A node that goes away or has no engine refuses for the moment only.
    if (data?.code !== 'unavailable') tab.refused = data?.code ?? text;
    socket.close();
    this.#changed();
  }

  #hear(tab: CrowdTab, socket: WebSocket, [event, message]: [string, Record<string, never>]): void {
    if (!tab.connected && event !== 'ended') this.#arrived(tab);
    if (event === 'session' || event === 'warning') tab.deadlineAt = message.deadlineAt!;
    if (event === 'ended') tab.ended = { reason: message.reason!, endedAt: message.endedAt!, at: Date.now() };
    if (event === 'reconnect') setTimeout(() => socket.close(), message.afterMs);
    this.#options.onEvent?.(tab, event, message);
    this.#changed();
  }

  #arrived(tab: CrowdTab): void {
    tab.connected = true;
    this.#connected += 1;
    tab.connects += 1;
    tab.longestAwayMs = Math.max(tab.longestAwayMs, tab.connects === 1 ? 0 : Date.now() - tab.awaySince);
    const visible = this.#options.visible?.(tab.index) ?? true;
    this.#emit(tab, 'focus', { visible, focused: visible });
    if (tab.lastInputAt !== null) this.#emit(tab, 'activity', { idleMs: Date.now() - tab.lastInputAt });
    this.#changed();
  }

  #left(tab: CrowdTab, socket: WebSocket, attempt: number): void {
    if (this.#sockets.get(tab) !== socket) return;
    const wasConnected = tab.connected;
    if (wasConnected) {
      tab.connected = false;
      this.#connected -= 1;
      tab.awaySince = Date.now();
    }
    this.#changed();
    if (this.#closed || tab.ended !== null || tab.refused !== null) return;
    const next = wasConnected ? 0 : attempt + 1;
    const most = Math.min(this.#options.maxRetryMs ?? 2_000, FIRST_RETRY_MS * 2 ** next);
    const timer = setTimeout(() => this.#connect(tab, next), wasConnected ? 0 : most * Math.random());
    this.#timers.set(tab, timer);
  }

  #emit(tab: CrowdTab, event: string, payload: object): void {
    const socket = this.#sockets.get(tab);
    if (tab.connected && socket?.readyState === WebSocket.OPEN)
      socket.send(`42${JSON.stringify([event, payload])}`);
  }

  /** Much happens at once in a crowd: it is looked at once. */
  #changed(): void {
    if (this.#isLooking || this.#watchers.size === 0) return;
    this.#isLooking = true;
    setImmediate(() => {
      this.#isLooking = false;
      for (const look of this.#watchers) look();
    });
  }
}
