import { z } from 'zod';
import { openShelf, type ShelfOptions } from './shelf.ts';

export const STATES = ['open', 'waiting', 'resolved'] as const;
export const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const;

const message = z.object({
  at: z.number(),
  /** `event`: what happened to the ticket, in a line. */
  from: z.enum(['requester', 'agent', 'event']),
  author: z.string(),
  text: z.string(),
  /** A mail as it came, shown only in a frame that can do nothing. */
  html: z.string().optional(),
});
export type Message = z.infer<typeof message>;

const ticket = z.object({
  number: z.number(),
  subject: z.string(),
  requester: z.object({ name: z.string(), email: z.string(), person: z.string().nullable() }),
  state: z.enum(STATES),
  priority: z.enum(PRIORITIES),
  assignee: z.string().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
  messages: z.array(message),
});
export type Ticket = z.infer<typeof ticket>;
export type NewTicket = Pick<Ticket, 'subject' | 'requester' | 'priority'> & { text: string; html?: string };
export type TicketChange = Partial<Pick<Ticket, 'state' | 'priority' | 'assignee'>>;

export const VIEWS = ['mine', 'unassigned', 'open', 'resolved'] as const;
export type View = (typeof VIEWS)[number];

export const LIMITS = { tickets: 500, messages: 200, subject: 160, text: 20_000 } as const;

export interface Tickets {
  /** Grows with each change: pages ask whether there is news. */
  readonly version: number;
  get(number: number): Ticket | undefined;
  /** In the order in which they should be worked on. */
  list(view: View, agent: string, words?: string): Ticket[];
  count(view: View, agent: string): number;
  ofRequester(person: string): Ticket[];
  open(request: NewTicket): Ticket;
  /** False where the conversation is as long as it may become. */
  reply(ticket: Ticket, entry: Omit<Message, 'at'>): boolean;
  update(ticket: Ticket, change: TicketChange, event: { author: string; text: string } | null): void;
  /** Whose turn it was last, for assignment by turn. */
  lastTurn: string | null;
  save(): Promise<void>;
}

const FIRST_NUMBER = 1_001;

export function createTickets(
  shelving: Pick<ShelfOptions<unknown>, 'dir' | 'warn'>,
  clock: { now(): number },
  samples: (now: number) => Omit<Ticket, 'number'>[],
): Tickets {
  const shelf = openShelf({
    ...shelving,
    name: 'desk-tickets',
    schema: z.object({ version: z.number(), lastTurn: z.string().nullable(), tickets: z.array(ticket) }),
    initial: () => ({
      version: 1,
      lastTurn: null as string | null,
      tickets: samples(clock.now()).map(
        (sample, index): Ticket => ({ ...sample, number: FIRST_NUMBER + index }),
      ),
    }),
  });
  const kept = shelf.value;

  function changed(one: Ticket): void {
    one.updatedAt = clock.now();
    kept.version += 1;
  }

  function say(one: Ticket, entry: Omit<Message, 'at'>): void {
    one.messages.push({ at: clock.now(), ...entry });
    // Events make room for what people wrote.
    if (one.messages.length > LIMITS.messages) {
      const oldest = one.messages.findIndex((known) => known.from === 'event');
      one.messages.splice(Math.max(oldest, 0), 1);
    }
  }

  function makeRoom(): void {
    while (kept.tickets.length >= LIMITS.tickets) {
      const byAge = [...kept.tickets].sort((a, b) => a.updatedAt - b.updatedAt);
      const goes = byAge.find((one) => one.state === 'resolved') ?? byAge[0];
      kept.tickets = kept.tickets.filter((one) => one !== goes);
    }
  }

  return {
    get version() {
      return kept.version;
    },
    get lastTurn() {
      return kept.lastTurn;
    },
    set lastTurn(agent) {
      kept.lastTurn = agent;
    },
    get: (number) => kept.tickets.find((one) => one.number === number),
    list(view, agent, words = '') {
      const wanted = words.trim().toLowerCase();
      return kept.tickets
        .filter((one) => isIn(view, one, agent) && (wanted === '' || mentions(one, wanted)))
        .sort(view === 'resolved' ? newestFirst : mostPressingFirst);
    },
    count: (view, agent) => kept.tickets.filter((one) => isIn(view, one, agent)).length,
    ofRequester: (person) => kept.tickets.filter((one) => one.requester.person === person).sort(newestFirst),
    open({ subject, requester, priority, text, html }) {
      makeRoom();
      const now = clock.now();
      const one: Ticket = {
        number: kept.tickets.reduce((highest, { number }) => Math.max(highest, number), FIRST_NUMBER - 1) + 1,
        subject,
        requester,
        state: 'open',
        priority,
        assignee: null,
        createdAt: now,
        updatedAt: now,
        messages: [
          {
            at: now,
            from: 'requester',
            author: requester.name,
            text,
            ...(html === undefined ? {} : { html }),
          },
        ],
      };
      kept.tickets.push(one);
      kept.version += 1;
      return one;
    },
    reply(one, entry) {
      const spoken = one.messages.filter((known) => known.from !== 'event').length;
      if (spoken >= LIMITS.messages) return false;
      say(one, entry);
      changed(one);
      return true;
    },
    update(one, change, event) {
      Object.assign(one, change);
      if (event !== null) say(one, { from: 'event', ...event });
      changed(one);
    },
    save: () => shelf.save(),
  };
}

function isIn(view: View, one: Ticket, agent: string): boolean {
  if (view === 'resolved') return one.state === 'resolved';
  if (one.state === 'resolved') return false;
  if (view === 'mine') return one.assignee === agent;
  return view === 'open' || one.assignee === null;
}

function mentions(one: Ticket, words: string): boolean {
  const texts = [`#${one.number}`, one.subject, one.requester.name, one.requester.email];
  return texts.some((text) => text.toLowerCase().includes(words));
}

function newestFirst(a: Ticket, b: Ticket): number {
  return b.updatedAt - a.updatedAt;
}

/** What waits for us before what waits for the customer, then by priority, then who has waited longest. */
function mostPressingFirst(a: Ticket, b: Ticket): number {
  return (
    STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
    PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) ||
    a.updatedAt - b.updatedAt
  );
}
