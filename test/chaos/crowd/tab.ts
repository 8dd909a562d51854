import { WebSocket } from 'ws';
import type { Message, Recorder } from '../log.ts';
import type { Wheel } from './wheel.ts';

export interface TabSurroundings {
  recorder: Recorder;
  wheel: Wheel;
  random: { fraction(): number };
  /** Where it connects next. */
  url: () => string;
  /** Which node that is, where no balancer says so in its answers. */
  nodeOf?: (url: string) => string;
  leadMs: number;
  nextConnection: () => number;
}

export interface TabOwner {
  account: string;
  agent: string;
}

export interface TabEvents {
  warned(): void;
  /** Its session is over, as it was told or refused. */
  over(): void;
}

const SILENT_MS = 3_000;
const FIRST_RETRY_MS = 500;
const CAP_MS = 10_000;
const URGENT_CAP_MS = 3_000;
const STABLE_MS = 2_000;
const PATIENCE_MS = 15_000;
const MAX_REPORT_EVERY_MS = 15_000;

/** A tab that behaves as the SDK does, and tells the recorder everything that it sends and hears. */
export class RawTab {
  readonly #around: TabSurroundings;
  readonly #owner: TabOwner;
  readonly #events: TabEvents;
  readonly sid: string;
  readonly #token: string;
  #socket: WebSocket | null = null;
  #connection = 0;
  #isRecorded = false;
  #isUp = false;
  #upAt = 0;
  #failures = 0;
  #tries = 0;
  #held = false;
  #wanted = true;
  #visible = true;
  #turnedAt = performance.now();
  #warned = false;
  #lastInputAt: number | null = null;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #trailing = false;
  #answers = 0;
  #everyMs = MAX_REPORT_EVERY_MS;

  constructor(
    around: TabSurroundings,
    owner: TabOwner,
    login: { sid: string; token: string },
    events: TabEvents,
  ) {
    this.#around = around;
    this.#owner = owner;
    this.sid = login.sid;
    this.#token = login.token;
    this.#events = events;
  }

  get isOpen(): boolean {
    return this.#wanted;
  }

  open(): void {
    this.#wanted = true;
    this.#connect();
  }

  /** The person closes the tab. */
  close(): void {
    this.#wanted = false;
    this.#drop('tab');
  }

  /** The connection breaks, and the tab comes back. */
  shake(): void {
    if (this.#isUp) this.#lose(true);
  }

  show(visible: boolean): void {
    if (this.#visible === visible) return;
    // Going out of sight, it says what it knows.
    if (!visible && this.#trailing) this.#report();
    this.#visible = visible;
    this.#turnedAt = performance.now();
    this.#sayWhetherShown();
  }

  /** Keyboard or pointer: reported at once after a quiet spell or while warned, else with the next report. */
  input(): void {
    if (!this.#wanted || !this.#visible) return;
    const now = performance.now();
    this.#lastInputAt = now;
    if (this.#warned) {
      this.#report();
      this.#expectAnswer();
    } else if (now - this.#reportedAt >= this.#everyMs) this.#report();
    else if (!this.#trailing) {
      this.#trailing = true;
      this.#around.wheel.after(this.#everyMs - (now - this.#reportedAt), () => {
        if (this.#trailing) this.#report();
      });
    }
  }

  logout(): void {
    if (!this.#isUp) return;
    this.#around.recorder.write({ k: 'sent', c: this.#connection, e: 'logout', m: {} });
    this.#socket!.send('420["logout",{}]');
  }

  setAvailable(available: boolean): void {
    this.#send('availability', { available });
  }

  #sayWhetherShown(): void {
    const sinceMs = Math.floor(performance.now() - this.#turnedAt);
    this.#send('focus', { visible: this.#visible, focused: this.#visible, sinceMs });
  }

  #report(): void {
    this.#trailing = false;
    if (this.#lastInputAt === null || !this.#isUp) return;
    this.#reportedAt = performance.now();
    this.#send('activity', { idleMs: Math.max(0, Math.floor(this.#reportedAt - this.#lastInputAt)) });
  }

  /** While warned, a report that no `session` answers counts as a lost link. */
  #expectAnswer(): void {
    const [answers, connection] = [this.#answers, this.#connection];
    this.#around.wheel.after(SILENT_MS, () => {
      if (this.#isUp && this.#connection === connection && this.#answers === answers && this.#warned)
        this.#lose(true);
    });
  }

  #connect(): void {
    if (!this.#wanted) return;
    this.#tries += 1;
    this.#held = false;
    const mine = this.#tries;
    const { recorder, wheel, nextConnection, url, nodeOf } = this.#around;
    const place = url();
    const socket = new WebSocket(`${place.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: false,
    });
    this.#socket = socket;
    const c = nextConnection();
    let isKnown = false;
    socket.on('upgrade', ({ headers }) => {
      if (this.#socket !== socket) return;
      isKnown = true;
      this.#connection = c;
      this.#isRecorded = true;
      const { account: a, agent: g } = this.#owner;
      recorder.write({
        k: 'open',
        c,
        a,
        g,
        s: this.sid,
        n: String(headers['x-node'] ?? nodeOf?.(place) ?? ''),
      });
    });
    socket.on('message', (data) => this.#socket === socket && this.#read(socket, String(data)));
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      if (isKnown) this.#recordClosed('server');
      this.#closed();
    });
    wheel.after(PATIENCE_MS, () => {
      if (this.#tries === mine && !this.#isUp && this.#wanted && !this.#held) this.#lose(false);
    });
  }

  #read(socket: WebSocket, text: string): void {
    if (text === '2') socket.send('3');
    else if (text[0] === '0') socket.send(`40${JSON.stringify({ token: this.#token })}`);
    else if (text.startsWith('42')) this.#hear(...(JSON.parse(text.slice(2)) as [string, Message]));
    else if (text.startsWith('44'))
      this.#refused((JSON.parse(text.slice(2)) as { data?: Message }).data ?? {});
  }

  #refused({ code = '', reason }: Message): void {
    this.#around.recorder.write({ k: 'refused', c: this.#connection, code, ...(reason ? { reason } : {}) });
    if (code === 'session_ended') this.#finish();
    else this.#lose(false);
  }

  #hear(event: string, message: Message): void {
    this.#around.recorder.write({ k: 'heard', c: this.#connection, e: event, m: message });
    if (event === 'session') {
      this.#answers += 1;
      this.#warned = message.state === 'warning';
      this.#everyMs = Math.min(MAX_REPORT_EVERY_MS, (message.timeoutMs - message.leadMs) / 4);
      if (!this.#isUp) this.#arrived();
      else if (this.#warned) this.#events.warned();
    } else if (event === 'warning') {
      this.#warned = true;
      this.#events.warned();
    } else if (event === 'reconnect') {
      const [mine, wait] = [this.#tries, Number(message.afterMs)];
      this.#held = true;
      this.#around.wheel.after(wait, () => {
        if (this.#tries !== mine || !this.#wanted) return;
        this.#drop('tab');
        this.#connect();
      });
    } else if (event === 'ended') this.#finish();
  }

  #arrived(): void {
    this.#isUp = true;
    this.#upAt = performance.now();
    this.#sayWhetherShown();
    if (this.#lastInputAt !== null) this.#report();
    if (this.#warned) this.#events.warned();
  }

  #finish(): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#isUp = false;
    // The server hangs up; what it might say before is listened to.
    this.#events.over();
  }

  #closed(): void {
    const stable = this.#isUp && performance.now() - this.#upAt >= STABLE_MS;
    this.#isUp = false;
    this.#socket = null;
    if (!this.#wanted || this.#held) return;
    this.#again(stable);
  }

  #lose(stable: boolean): void {
    this.#drop('tab');
    if (this.#wanted) this.#again(stable);
  }

  #again(stable: boolean): void {
    this.#failures = stable ? 0 : this.#failures + 1;
    const cap = this.#warned ? URGENT_CAP_MS : CAP_MS;
    const wait =
      this.#failures === 0
        ? 0
        : Math.min(cap, FIRST_RETRY_MS * 2 ** (this.#failures - 1)) *
          (0.5 + this.#around.random.fraction() / 2);
    const mine = this.#tries;
    this.#around.wheel.after(wait, () => {
      if (this.#tries === mine) this.#connect();
    });
  }

  #drop(by: 'tab'): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#isUp = false;
    if (socket === null) return;
    this.#recordClosed(by);
    socket.on('error', () => {});
    socket.terminate();
  }

  #recordClosed(by: 'tab' | 'server'): void {
    if (this.#isRecorded) this.#around.recorder.write({ k: 'closed', c: this.#connection, by });
    this.#isRecorded = false;
  }

  #send(event: string, payload: Record<string, unknown>): void {
    if (!this.#isUp || this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#around.recorder.write({ k: 'sent', c: this.#connection, e: event, m: payload });
    this.#socket.send(`42${JSON.stringify([event, payload])}`);
  }
}
