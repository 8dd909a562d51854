import type { z } from 'zod';
import type { AvailabilityAck, LogoutAck, TokenAck } from '../../shared/protocol.ts';
import {
  activityReport,
  availabilityRequest,
  focusReport,
  logoutRequest,
  tokenRequest,
} from '../../shared/schemas.ts';
import { type Engine, EngineUnavailable } from '../engine/engine.ts';
import type { TokenVerifier } from '../tokens.ts';
import type { SocketLog } from './counts.ts';
import type { Reports } from './reports.ts';
import type { PendingRequest, Tab } from './tab.ts';
import type { LocalAgent } from './tab-registry.ts';
import type { Telling } from './telling.ts';
import type { TokenExpiry } from './token-expiry.ts';
import { renewToken } from './token-renewal.ts';

export interface TabEventsOptions {
  engine: Engine;
  reports: Reports;
  telling: Telling;
  tokens: TokenVerifier;
  expiry: TokenExpiry;
  log: SocketLog;
}

type Answer = { ok: true } | AvailabilityAck | LogoutAck | TokenAck;
type Reply = (answer: Answer) => void;
/** An answer that takes the engine, and what it is where the session ends first. */
interface Later {
  answer: Promise<Answer>;
  ifEnded: Answer;
}
/** Undefined: the payload is malformed, and nothing was done. */
type Handler = (payload: unknown) => Answer | Later | undefined;

/** What a tab says. Nothing that it sends is trusted, and nothing of it throws. */
export class TabEvents {
  readonly #options: TabEventsOptions;

  constructor(options: TabEventsOptions) {
    this.#options = options;
  }

  /** Takes an event as it came in: its name, then the payload and perhaps an acknowledgement. */
  handle(tab: Tab, agent: LocalAgent, packet: readonly unknown[]): void {
    if (tab.isOver) return;
    const event = packet[0] as string;
    const last = packet[packet.length - 1];
    const reply = typeof last === 'function' ? (last as Reply) : undefined;
    const payload = reply !== undefined && packet.length === 2 ? undefined : packet[1];
    try {
      const answer = this.#handlerOf(event, tab, agent)?.(payload);
      if (answer === undefined) this.#refuse(tab, reply);
      else if ('answer' in answer) this.#answerLater(tab, answer, reply);
      else reply?.(answer);
    } catch (error) {
      this.#options.log.error({ err: error, event }, 'an event of a tab failed');
    }
  }

  /** A report that came past Socket.IO (report-frame.ts). `idleMs`: whole milliseconds. */
  report(tab: Tab, agent: LocalAgent, idleMs: number): void {
    if (tab.isOver) return;
    try {
      this.#activity(tab, agent, idleMs);
    } catch (error) {
      this.#options.log.error({ err: error, event: 'activity' }, 'an event of a tab failed');
    }
  }

  #handlerOf(event: string, tab: Tab, agent: LocalAgent): Handler | undefined {
    switch (event) {
      case 'activity':
        return parsed(activityReport, ({ idleMs }) => this.#activity(tab, agent, idleMs));
      case 'focus':
        return parsed(focusReport, (report) => this.#focus(tab, report));
      case 'availability':
        return parsed(availabilityRequest, ({ available }) => ({
          answer: this.#availability(tab, available),
          ifEnded: { ok: false, code: 'session_ended' },
        }));
      case 'token':
        return parsed(tokenRequest, ({ token }) => ({
          answer: renewToken(this.#options, tab, token),
          ifEnded: { ok: false, code: 'session_ended' },
        }));
      case 'logout':
        return parsed(logoutRequest, () => ({ answer: this.#logout(tab, agent), ifEnded: { ok: true } }));
      default:
        return undefined;
    }
  }

  #activity(tab: Tab, agent: LocalAgent, idleMs: number): Answer {
    // Dated now, so that waiting for others does not make it younger. Rounded up: never early.
    const at = Math.max(0, Math.ceil(this.#options.engine.now() - idleMs));
    if (tab.visibility.counts(at)) {
      tab.lastInputAt = Math.max(tab.lastInputAt, at);
      const atOnce = this.#options.telling.isPressing(agent);
      this.#options.reports.input(tab.login, at, { atOnce });
    }
    return { ok: true };
  }

  #focus(tab: Tab, report: z.infer<typeof focusReport>): Answer {
    const changed = tab.visibility.report(report, this.#options.engine.now());
    if (changed) this.#options.reports.tab(tab.change());
    return { ok: true };
  }

  async #availability(tab: Tab, available: boolean): Promise<Answer> {
    const { account, agent } = tab;
    const by = { cause: 'agent', id: agent } as const;
    const result = await this.#options.engine.setAvailability({ account, agent, available, by });
    if (result.ok) return { ok: true, available: result.available };
    return { ok: false, code: result.code === 'not_found' ? 'session_ended' : result.code };
  }

  async #logout({ account, sid }: Tab, agent: LocalAgent): Promise<Answer> {
    const ended = await this.#options.engine.endSession({ account, sid, by: agent.agent });
    // It had ended before, and its tabs have not heard.
    if (!ended) this.#options.telling.lookAgain(agent);
    return { ok: true };
  }

  #refuse(tab: Tab, reply: Reply | undefined): void {
    reply?.({ ok: false, code: 'bad_payload' });
    tab.connection.malformed();
  }

  /** Where the session ends meanwhile, the answer goes before `ended`, which is last. */
  #answerLater(tab: Tab, { answer, ifEnded }: Later, reply: Reply | undefined): void {
    const request: PendingRequest = { end: () => settle(ifEnded) };
    const settle = (settled: Answer): void => {
      if (tab.answer(request)) reply?.(settled);
    };
    tab.ask(request);
    answer.then(settle, (error: unknown) => {
      if (!(error instanceof EngineUnavailable)) {
        this.#options.log.error({ err: error }, 'a request of a tab failed');
      }
      settle({ ok: false, code: 'unavailable' });
    });
  }
}

/** Hands on what fits the schema; undefined, and nothing done, where it does not. */
function parsed<S extends z.ZodType>(schema: S, handle: (payload: z.infer<S>) => Answer | Later): Handler {
  return (payload) => {
    const result = schema.safeParse(payload);
    return result.success ? handle(result.data) : undefined;
  };
}
