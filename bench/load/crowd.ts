/** Tabs by the thousand in a process of their own, as bench/harness/crowd.ts starts it. */
import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { Crowd } from '../../test/support/crowd.ts';
import { agentClaims, SECRET } from '../../test/support/tokens.ts';
import { pause } from '../../test/support/waiting.ts';
import { answerCalls } from '../harness/calls.ts';
import { Lateness, type Told } from './lateness.ts';
import { atPace, nextOf } from './pace.ts';

export interface CrowdPlan {
  /** Whom they talk to: in turn, where there are several. */
  urls: string[];
  count: number;
  /** `vigil`: with a token; `socket.io` and `ws`: to who takes anybody. */
  to: 'vigil' | 'socket.io' | 'ws';
  /** The first agent's number; each tab is an agent of its own, spread over so many accounts. */
  firstAgent?: number;
  accounts?: number;
  /** Adds claims to every token. */
  claims?: Record<string, unknown>;
  /** When the first of them logged in (epoch ms), and how long after it each of the next; else all just now. */
  logins?: { from: number; stepMs: number };
  /** How many connect at once. */
  pace?: number;
  /** Spreads them evenly over so long (ms), and with them their pings. */
  overMs?: number;
  /** The lead of the warning that they are to get, where that is what is watched. */
  leadMs?: number;
}

// `ws` ends streams that have ended: each time an error is made and dropped, and its stack is most of what that costs.
Error.stackTraceLimit = 0;

const PORTIONS = 50;

const key = createSecretKey(Buffer.from(SECRET));
let crowd: Crowd | undefined;
let lateness = new Lateness(0);

export function loginOf(agent: number, accounts: number) {
  return { account: `account-${agent % accounts}`, sub: `agent-${agent}`, sid: `login-of-agent-${agent}` };
}

const functions = {
  /** Opens them all; answers how long that took, in ms. */
  async open(plan: CrowdPlan): Promise<number> {
    const {
      urls,
      count,
      to,
      firstAgent = 0,
      accounts = 100,
      claims = {},
      pace = 200,
      overMs = 0,
      leadMs = 0,
      logins,
    } = plan;
    const now = Date.now();
    const tokens =
      to === 'vigil'
        ? Array.from({ length: count }, (_, index) => {
            const loginAt =
              logins === undefined ? {} : { auth_time: (logins.from + index * logins.stepMs) / 1_000 };
            const login = loginOf(firstAgent + index, accounts);
            return jwt.sign(agentClaims(now, { ...login, ...loginAt, ...claims }), key);
          })
        : [];
    lateness = new Lateness(leadMs);
    crowd = new Crowd({
      url: (index) => urls[index % urls.length]!,
      token: (index) => tokens[index],
      dialect: to === 'ws' ? 'ws' : 'socket.io',
      localAddress: (index) => `127.0.0.${2 + (index % 4)}`,
      onEvent: (tab, event, message) => lateness.hear(tab.index, event, message),
    });
    const start = performance.now();
    for (let portion = 0; portion < PORTIONS && overMs > 0; portion += 1) {
      const wanted = Math.floor((count * (portion + 1)) / PORTIONS) - crowd.tabs.length;
      await crowd.open(wanted, { pace });
      await pause(Math.max(0, start + ((portion + 1) * overMs) / PORTIONS - performance.now()));
    }
    await crowd.open(count - crowd.tabs.length, { pace });
    const refused = crowd.tabs.filter((tab) => tab.refused !== null || tab.ended !== null);
    if (refused.length > 0)
      throw new Error(
        `${refused.length} were refused, or ended before all were open: ${refused[0]!.refused}`,
      );
    return performance.now() - start;
  },

  /** So many reports a second, of all tabs in turn; answers how many there were. */
  report(perSecond: number, seconds: number): Promise<number> {
    const { tabs } = crowd!;
    return atPace(perSecond, seconds, (count) => crowd!.input(nextOf(tabs, count), count % 50));
  },

  /** Resolves when so many have been told so. */
  async heard(event: 'warning' | 'ended', count: number): Promise<Told> {
    await crowd!.until(() => lateness.count(event) >= count, 120_000);
    return lateness.of(event);
  },

  /** Resolves when all are back after most were gone; answers when that was (epoch ms). */
  async back(): Promise<number> {
    const { tabs } = crowd!;
    await crowd!.until(() => crowd!.connected < tabs.length / 2);
    await crowd!.until(() => crowd!.connected === tabs.length, 120_000);
    return Date.now();
  },

  connected: (): number => crowd?.connected ?? 0,

  close(): void {
    crowd?.close();
    crowd = undefined;
  },
};

export type CrowdFunctions = typeof functions;

answerCalls(functions);
