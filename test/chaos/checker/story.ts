import type { Entry, Message, Seen, VigilEvent } from '../log.ts';

/** Engine time of the recorder's 0. */
const START = 1_000_000_000_000;
const MARK = 'aaaaaaaa';
const END_MS = 200_000;
export const LEAD_MS = 5_000;
export const TIMEOUT_MS = 20_000;

/** Histories by hand: what the recorder would have written, moment by moment. */
export class Story {
  readonly entries: Entry[] = [];
  #id = 0;

  constructor(profile = 'sentinel') {
    const nodes = ['node1', 'node2'];
    this.say(0, { k: 'meta', profile, seed: 1, leadMs: LEAD_MS, timeoutMs: TIMEOUT_MS, nodes, epoch: START });
    for (const n of nodes) this.say(0, { k: 'ready', n, status: 200 });
    // Somebody always hears the time from somewhere.
    this.open(0, 999, 'sz', { g: 'zoe' });
    for (let t = 500; t < END_MS; t += 1_000) this.heard(t, 999, 'reconnect', {});
  }

  say(t: number, seen: Seen): this {
    this.entries.push({ t, ...seen });
    return this;
  }

  login(t: number, s: string, { kind = 'quiet', auto = true, g = 'ann' } = {}): this {
    this.say(t, { k: 'login', a: 'acme', g, s, auto, kind });
    return this.event(t, 'session.started', { agent: g, session: s, loginAt: at(t) });
  }

  open(t: number, c: number, s: string, { n = 'node1', g = 'ann' } = {}): this {
    return this.say(t, { k: 'open', c, a: 'acme', g, s, n });
  }

  heard(t: number, c: number, e: string, m: Message): this {
    return this.say(t, { k: 'heard', c, e, m: e === 'ended' ? m : { serverTime: at(t), ...m } });
  }

  session(t: number, c: number, rev: number, activeAt: number, state = 'active'): this {
    return this.heard(t, c, 'session', { rev, state, lastActivityAt: at(activeAt) });
  }

  input(t: number, c: number): this {
    return this.say(t, { k: 'sent', c, e: 'activity', m: { idleMs: 0 } });
  }

  /** An event that happened, that a host read and that a webhook brought. */
  event(
    t: number,
    type: string,
    data: Message,
    how: { hooked?: boolean; kept?: boolean; id?: string } = {},
  ): this {
    const { hooked = true, kept = true, id = this.#nextId(t) } = how;
    const event: VigilEvent = { id, type, account: 'acme', at: at(t), data };
    this.say(t + 20, { k: 'events', a: 'acme', events: [event], last: false });
    if (hooked) this.say(t + 10, { k: 'hook', event, taken: true });
    if (kept) this.say(END_MS, { k: 'events', a: 'acme', events: [event], last: true });
    return this;
  }

  fault(from: number, to: number, fault: string, on = 'r1'): this {
    const id = ++this.#id;
    this.say(from, { k: 'fault', id, fault, on, phase: 'begin' });
    return this.say(to, { k: 'fault', id, fault, on, phase: 'end' });
  }

  /** In the order in which a recorder would have written it. */
  told(): Entry[] {
    return [...this.entries].sort((a, b) => a.t - b.t);
  }

  #nextId(t: number): string {
    this.#id += 1;
    return `${at(t)}-${String(this.#id).padStart(6, '0')}-${MARK}`;
  }
}

export function at(t: number): number {
  return START + t;
}

export interface Twists {
  /** When the last input was sent, the warning told, the session ended. */
  inputAt?: number;
  warnedAt?: number | null;
  endedAt?: number;
  sessions?: string[];
  unavailable?: boolean;
  kind?: string;
}

/** Ann logs in on two machines, works, is warned, and is signed out of both. */
export function ordinaryStory(twists: Twists = {}, profile?: string): Story {
  const { inputAt = 3_000, warnedAt = 18_000, endedAt = 23_000, sessions = ['s1', 's2'] } = twists;
  const story = new Story(profile);
  story.login(1_000, 's1', { kind: twists.kind ?? 'quiet' }).login(1_500, 's2');
  story.open(1_100, 1, 's1').session(1_150, 1, 1, 1_000);
  story.open(1_600, 2, 's2', { n: 'node2' }).session(1_650, 2, 2, 1_500);
  story.input(inputAt, 1);
  const lastActivityAt = at(inputAt);
  const deadlineAt = at(inputAt + TIMEOUT_MS);
  if (warnedAt !== null) {
    const endsAt = at(Math.max(inputAt + TIMEOUT_MS, warnedAt + LEAD_MS));
    for (const c of [1, 2]) story.heard(warnedAt + 10, c, 'warning', { rev: 3, deadlineAt, endsAt });
    story.event(warnedAt, 'session.warned', { agent: 'ann', lastActivityAt, deadlineAt, endsAt });
  }
  for (const c of [1, 2]) {
    story.heard(endedAt + 15, c, 'ended', { rev: 4, reason: 'timeout', endedAt: at(endedAt) });
    story.say(endedAt + 20, { k: 'closed', c, by: 'server' });
  }
  const about = { agent: 'ann', sessions, reason: 'timeout', inactivity: 'no_input', lastActivityAt };
  story.event(endedAt, 'session.ended', about);
  if (twists.unavailable ?? true)
    story.event(endedAt, 'agent.unavailable', { agent: 'ann', cause: 'timeout' });
  story.say(30_000, { k: 'asked', call: 'verify', a: 'acme', s: 's1', doneAt: 30_010, status: 401 });
  return story.say(END_MS - 60_000, { k: 'quiet' }).say(END_MS + 1, { k: 'done' });
}
