import type { Random } from '../../support/random.ts';
import { signServiceToken } from '../../support/tokens.ts';
import { until } from '../../support/waiting.ts';
import type { Message, Recorder, VigilEvent } from '../log.ts';
import { Agent } from './agent.ts';
import type { TabOwner } from './tab.ts';
import { Wheel } from './wheel.ts';

export interface CrowdOptions {
  recorder: Recorder;
  random: Random;
  url: () => string;
  nodeOf?: (url: string) => string;
  accounts: readonly string[];
  agents: number;
  leadMs: number;
  timeoutMs: number;
  hostNow: () => number;
}

const OPEN_PACE_MS = 12;
const PROBE_EVERY_MS = 150;
const FOLLOW_EVERY_MS = 2_000;
const PAGE = 200;
/** So many of a hundred never stop working: whoever of them is signed out by a timeout was signed out wrongly. */
const STEADY_PERCENT = 30;

/** Everybody who uses the service desk, their manager, and the host that follows its events. */
export class Crowd {
  readonly agents: Agent[];
  readonly #options: CrowdOptions;
  readonly #wheel = new Wheel();
  readonly #cursors = new Map<string, string>();
  #connections = 0;
  #quiet = false;
  #closed = false;

  constructor(options: CrowdOptions) {
    this.#options = options;
    const { random, accounts } = options;
    const around = {
      ...options,
      wheel: this.#wheel,
      nextConnection: () => ++this.#connections,
      signOut: (owner: TabOwner) => void this.#signOut(owner),
      isQuiet: () => this.#quiet,
    };
    this.agents = Array.from({ length: options.agents }, (_, index) => {
      const owner = { account: accounts[index % accounts.length]!, agent: `agent-${index}` };
      return new Agent(around, owner, {
        auto: random.fraction() < 0.5,
        steady: index % 100 < STEADY_PERCENT,
      });
    });
  }

  /** They come one after the other. */
  async open(): Promise<void> {
    for (const [index, agent] of this.agents.entries())
      this.#wheel.after(index * OPEN_PACE_MS, () => agent.begin());
    this.#probe();
    this.#follow();
    await new Promise<void>((resolve) =>
      this.#wheel.after(this.agents.length * OPEN_PACE_MS + 1_000, resolve),
    );
  }

  /** All connections break at once. */
  herd(): void {
    for (const agent of this.agents) agent.shake();
  }

  async setTimeoutOf(account: string, timeoutMs: number): Promise<void> {
    const rememberMe = { agent: true, requester: true };
    const body = { timeoutSeconds: timeoutMs / 1_000, rememberMe };
    await this.#call('PUT', '/v1/policy', this.#service(account), body);
  }

  /** From now on nobody does anything, nor logs in again. */
  rest(): void {
    this.#quiet = true;
    this.#options.recorder.write({ k: 'quiet' });
  }

  /** Reads each account's events whole. */
  async readAll(): Promise<void> {
    for (const account of this.#options.accounts) {
      let after = '';
      for (;;) {
        const page = () => this.#page(account, after).then((events) => events ?? undefined);
        const events = await until(page, `the events of ${account}`, { timeoutMs: 60_000, everyMs: 500 });
        if (events.length === 0) break;
        this.#options.recorder.write({ k: 'events', a: account, events, last: true });
        after = events.at(-1)!.id;
      }
    }
  }

  close(): void {
    this.#closed = true;
    for (const agent of this.agents) agent.close();
    this.#wheel.close();
  }

  /** A page load somewhere, with a login that lives or one that does not. */
  #probe(): void {
    if (this.#closed) return;
    this.#wheel.after(PROBE_EVERY_MS, () => this.#probe());
    const agent = this.#options.random.pick(this.agents);
    if (agent.logins.length === 0 || this.#quiet) return;
    const { sid, token } = this.#options.random.pick(agent.logins);
    const { recorder } = this.#options;
    const askedAt = recorder.now();
    void this.#call('GET', '/v1/verify', token).then((answer) => {
      if (answer === null) return;
      const { status, body } = answer;
      const said = {
        ...(body.code ? { code: body.code } : {}),
        ...(body.reason ? { reason: body.reason } : {}),
      };
      recorder.write(
        { k: 'asked', call: 'verify', a: agent.account, s: sid, doneAt: recorder.now(), status, ...said },
        askedAt,
      );
    });
  }

  #follow(): void {
    if (this.#closed) return;
    const pages = this.#options.accounts.map((account) => this.#followOne(account));
    void Promise.all(pages).then(() => this.#wheel.after(FOLLOW_EVERY_MS, () => this.#follow()));
  }

  async #followOne(account: string): Promise<void> {
    for (;;) {
      const events = await this.#page(account, this.#cursors.get(account) ?? '');
      if (events === null || events.length === 0) return;
      this.#options.recorder.write({ k: 'events', a: account, events, last: false });
      this.#cursors.set(account, events.at(-1)!.id);
      if (events.length < PAGE) return;
    }
  }

  async #page(account: string, after: string): Promise<VigilEvent[] | null> {
    const path = `/v1/events?limit=${PAGE}${after && `&after=${after}`}`;
    const answer = await this.#call('GET', path, this.#service(account));
    return answer?.status === 200 ? answer.body.events : null;
  }

  #service(account: string): string {
    const iat = Math.floor(this.#options.hostNow() / 1000) - 30;
    return signServiceToken({ account, iat, exp: iat + 7_200 });
  }

  async #signOut({ account, agent }: TabOwner): Promise<void> {
    await this.#call('POST', `/v1/agents/${agent}/sign-out`, this.#service(account));
  }

  async #call(
    method: string,
    path: string,
    token: string,
    body?: object,
  ): Promise<{ status: number; body: Message } | null> {
    try {
      const answer = await fetch(`${this.#options.url()}${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        signal: AbortSignal.timeout(5_000),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : {} };
    } catch {
      return null;
    }
  }
}
