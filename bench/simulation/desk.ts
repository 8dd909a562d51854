import type { LoginRef, TabChange, TouchReport } from '../../server/engine/engine.ts';
import type { Random } from '../../test/support/random.ts';
import { Calendar } from './calendar.ts';
import { accountsOf, DAY, exponential, loginAt, uniform } from './day.ts';

export const TICK_SECONDS = 2;

/** What the agents do in one tick. */
export interface Doings {
  logins: number[];
  touched: number[];
  hidden: number[];
  shown: number[];
  loggedOut: number[];
  closed: number[];
}

const OUT = 0;
const WORKING = 1;
const PAUSING = 2;
const GONE = 3;

/** All agents, each with a day of their own. Knows of the server only what it tells: whose sessions have ended. */
export class Desk {
  readonly size: number;
  readonly accounts: string[];
  readonly #random: Random;
  readonly #calendar = new Calendar(TICK_SECONDS);
  readonly #state: Uint8Array;
  /** How often each has logged in, so that every login has a sid of its own. */
  readonly #logins: Uint8Array;
  readonly #alive: Uint8Array;
  readonly #hides: Uint8Array;
  readonly #stopsAt: Float64Array;
  readonly #lunchAt: Float64Array;
  readonly #homeAt: Float64Array;

  constructor(agents: number, random: Random) {
    this.size = agents;
    this.accounts = accountsOf(agents);
    this.#random = random;
    this.#state = new Uint8Array(agents);
    this.#logins = new Uint8Array(agents);
    this.#alive = new Uint8Array(agents);
    this.#hides = new Uint8Array(agents);
    this.#stopsAt = new Float64Array(agents);
    this.#lunchAt = new Float64Array(agents);
    this.#homeAt = new Float64Array(agents);
    for (let who = 0; who < agents; who += 1) {
      const start = loginAt(random);
      this.#lunchAt[who] = uniform(random, { least: DAY.lunch.from, most: DAY.lunch.until });
      this.#homeAt[who] = start + uniform(random, DAY.presence);
      this.#calendar.plan(who, start, DAY.from - TICK_SECONDS);
    }
  }

  login(who: number): LoginRef {
    return {
      account: this.accounts[who]!,
      agent: `agent-${who}`,
      sid: `sid-${this.#logins[who]}-of-agent-${who}-0123456789abcdef`,
    };
  }

  tab(who: number, place: number): LoginRef & { tab: string } {
    return { ...this.login(who), tab: `tab-${this.#logins[who]}-${who}-${place}` };
  }

  ended(agent: string): void {
    this.#alive[Number(agent.slice('agent-'.length))] = 0;
  }

  /** Everybody whose input is reported now and then. */
  atWork(): number[] {
    const found: number[] = [];
    for (let who = 0; who < this.size; who += 1) {
      if (this.#state[who] === WORKING && this.#alive[who] === 1) found.push(who);
    }
    return found;
  }

  tick(now: number): Doings {
    const doings: Doings = { logins: [], touched: [], hidden: [], shown: [], loggedOut: [], closed: [] };
    for (const who of this.#calendar.take(now)) this.#turn(who, now, doings);
    return doings;
  }

  #turn(who: number, now: number, doings: Doings): void {
    if (now >= this.#homeAt[who]!) this.#goHome(who, doings);
    else if (this.#state[who] === WORKING && now >= this.#stopsAt[who]!) this.#pause(who, now, doings);
    else if (this.#state[who] === WORKING) this.#goOn(who, now, doings);
    else this.#begin(who, now, doings);
  }

  /** Comes in the morning, or back from a pause. */
  #begin(who: number, now: number, doings: Doings): void {
    if (this.#state[who] === PAUSING && this.#hides[who] === 1 && this.#alive[who] === 1)
      doings.shown.push(who);
    this.#hides[who] = 0;
    this.#state[who] = WORKING;
    const lunchAt = this.#lunchAt[who]!;
    const stopsAt = now + exponential(this.#random, DAY.burst);
    this.#stopsAt[who] = lunchAt > now ? Math.min(stopsAt, lunchAt) : stopsAt;
    this.#goOn(who, now, doings);
  }

  #goOn(who: number, now: number, doings: Doings): void {
    this.#input(who, doings);
    this.#plan(who, Math.min(now + DAY.reportEvery, this.#stopsAt[who]!), now);
  }

  #pause(who: number, now: number, doings: Doings): void {
    this.#input(who, doings);
    this.#state[who] = PAUSING;
    if (this.#random.fraction() < DAY.hides) {
      this.#hides[who] = 1;
      doings.hidden.push(who);
    }
    const lunchAt = this.#lunchAt[who]!;
    let until = now + exponential(this.#random, DAY.pause);
    if (lunchAt <= until) {
      until = Math.max(now, lunchAt) + uniform(this.#random, DAY.lunch);
      this.#lunchAt[who] = Number.POSITIVE_INFINITY;
    }
    this.#plan(who, until, now);
  }

  #goHome(who: number, doings: Doings): void {
    this.#state[who] = GONE;
    if (this.#alive[who] === 0) return;
    if (this.#random.fraction() < DAY.logsOut) doings.loggedOut.push(who);
    else doings.closed.push(who);
  }

  /** Whoever finds the login page logs in. */
  #input(who: number, doings: Doings): void {
    if (this.#alive[who] === 1) {
      doings.touched.push(who);
      return;
    }
    this.#alive[who] = 1;
    this.#logins[who] = this.#logins[who]! + 1;
    doings.logins.push(who);
  }

  #plan(who: number, second: number, now: number): void {
    this.#calendar.plan(who, Math.min(second, Math.max(now, this.#homeAt[who]!)), now);
  }

  report(who: number, at: number): TouchReport {
    return { ...this.login(who), at };
  }

  change(who: number, place: number, visible: boolean | null, at: number): TabChange {
    return { ...this.tab(who, place), visible, at };
  }

  /** Nobody is in before the morning. */
  get out(): number {
    return this.#state.reduce((count, state) => count + (state === OUT || state === GONE ? 1 : 0), 0);
  }
}
