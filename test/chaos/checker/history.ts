import type { Entry, Message, Seen, VigilEvent } from '../log.ts';

/** One connection of a tab, from its upgrade to its end. */
export interface Connection {
  c: number;
  agent: string;
  sid: string;
  node: string;
  openAt: number;
  /** When its first `session` was heard. */
  upAt: number;
  closedAt: number;
  closedBy: 'tab' | 'server' | null;
  heard: Heard[];
  inputs: Input[];
}

export interface Heard {
  t: number;
  e: string;
  m: Message;
}

export interface Input {
  t: number;
  idleMs: number;
}

export interface SeenEvent {
  event: VigilEvent;
  /** When it was seen first, in whatever way. */
  seenAt: number;
  /** When webhooks brought it to a receiver that took it. */
  hookedAt: number[];
  followed: boolean;
  inTheEnd: boolean;
}

export interface Fault {
  id: number;
  fault: string;
  on: string;
  beganAt: number;
  endedAt: number;
  note: string;
}

export interface Login {
  t: number;
  agent: string;
  sid: string;
  auto: boolean;
  kind: string;
}

/** What was seen, sorted by whom it is about. Nothing is judged here. */
export class History {
  meta: Extract<Seen, { k: 'meta' }> | null = null;
  readonly connections = new Map<number, Connection>();
  readonly logins = new Map<string, Login>();
  readonly faults = new Map<number, Fault>();
  /** Per account, by id. */
  readonly events = new Map<string, Map<string, SeenEvent>>();
  readonly asked: ({ t: number } & Extract<Seen, { k: 'asked' }>)[] = [];
  readonly ready: { t: number; node: string; status: number }[] = [];
  readonly exits: ({ t: number } & Extract<Seen, { k: 'exit' }>)[] = [];
  readonly complaints: { t: number; node: string; text: string }[] = [];
  readonly late: { t: number; ms: number }[] = [];
  readonly refused: { t: number; c: number; code: string; reason: string }[] = [];
  /** An id that came with two contents, or out of order for its reader. */
  readonly contradictions: { t: number; id: string; what: string }[] = [];
  readonly #followedUpTo = new Map<string, string>();
  quietAt = Number.POSITIVE_INFINITY;
  doneAt = 0;

  static async read(entries: AsyncIterable<Entry> | Iterable<Entry>): Promise<History> {
    const history = new History();
    for await (const entry of entries) history.add(entry);
    return history;
  }

  add(entry: Entry): void {
    const { t } = entry;
    this.doneAt = Math.max(this.doneAt, t);
    switch (entry.k) {
      case 'meta':
        this.meta = entry;
        break;
      case 'login': {
        const { a, g, s, auto, kind } = entry;
        this.logins.set(s, { t, agent: `${a}/${g}`, sid: s, auto, kind });
        break;
      }
      case 'open': {
        const { c, a, g, s, n } = entry;
        const never = Number.POSITIVE_INFINITY;
        const about = { c, agent: `${a}/${g}`, sid: s, node: n, openAt: t, upAt: never, closedAt: never };
        this.connections.set(c, { ...about, closedBy: null, heard: [], inputs: [] });
        break;
      }
      case 'sent':
        if (entry.e === 'activity') this.#of(entry.c)?.inputs.push({ t, idleMs: Number(entry.m.idleMs) });
        break;
      case 'heard':
        this.#hear(entry);
        break;
      case 'closed': {
        const connection = this.#of(entry.c);
        if (connection !== undefined) Object.assign(connection, { closedAt: t, closedBy: entry.by });
        break;
      }
      case 'refused':
        this.refused.push({ t, c: entry.c, code: entry.code, reason: entry.reason ?? '' });
        break;
      case 'asked':
        this.asked.push(entry);
        break;
      case 'hook': {
        const { hookedAt } = this.#see(entry.event, t);
        if (entry.taken) hookedAt.push(t);
        break;
      }
      case 'events':
        this.#follow(entry);
        break;
      case 'fault':
        this.#note(entry);
        break;
      case 'ready':
        this.ready.push({ t, node: entry.n, status: entry.status });
        break;
      case 'exit':
        this.exits.push(entry);
        break;
      case 'complaint':
        this.complaints.push({ t, node: entry.n, text: entry.text });
        break;
      case 'late':
        this.late.push({ t, ms: entry.ms });
        break;
      case 'quiet':
        this.quietAt = t;
        break;
      case 'done':
        break;
    }
  }

  /** The events about one agent each, in their order. */
  byAgent(): Map<string, SeenEvent[]> {
    const agents = new Map<string, SeenEvent[]>();
    for (const [account, events] of this.events) {
      for (const seen of [...events.values()].sort((a, b) => (a.event.id < b.event.id ? -1 : 1))) {
        const { agent } = seen.event.data;
        if (typeof agent !== 'string') continue;
        const key = `${account}/${agent}`;
        const list = agents.get(key);
        if (list === undefined) agents.set(key, [seen]);
        else list.push(seen);
      }
    }
    return agents;
  }

  #of(c: number): Connection | undefined {
    return this.connections.get(c);
  }

  #hear({ t, c, e, m }: Entry & { k: 'heard' }): void {
    const connection = this.#of(c);
    if (connection === undefined) return;
    connection.heard.push({ t, e, m });
    if (e === 'session') connection.upAt = Math.min(connection.upAt, t);
  }

  #see(event: VigilEvent, t: number): SeenEvent {
    const events = this.events.get(event.account) ?? new Map<string, SeenEvent>();
    this.events.set(event.account, events);
    const known = events.get(event.id);
    if (known === undefined) {
      const seen = { event, seenAt: t, hookedAt: [], followed: false, inTheEnd: false };
      events.set(event.id, seen);
      return seen;
    }
    if (JSON.stringify(known.event) !== JSON.stringify(event))
      this.contradictions.push({ t, id: event.id, what: 'came with two contents' });
    return known;
  }

  #follow({ t, a, events, last }: Entry & { k: 'events' }): void {
    let previous = last ? '' : (this.#followedUpTo.get(a) ?? '');
    for (const event of events) {
      const seen = this.#see(event, t);
      if (last) seen.inTheEnd = true;
      else seen.followed = true;
      if (event.id <= previous) this.contradictions.push({ t, id: event.id, what: 'was read out of order' });
      previous = event.id;
    }
    if (!last) this.#followedUpTo.set(a, previous);
  }

  #note({ t, id, fault, on, phase, note = '' }: Entry & { k: 'fault' }): void {
    const known = this.faults.get(id);
    if (phase === 'end' && known !== undefined) known.endedAt = t;
    else this.faults.set(id, { id, fault, on, beganAt: t, endedAt: Number.POSITIVE_INFINITY, note });
  }
}
