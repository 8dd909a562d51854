import { z } from 'zod';
import { ACCOUNT } from './people.ts';
import { openShelf, type ShelfOptions } from './shelf.ts';
import { LIMITS } from './tickets.ts';

const draft = z.object({
  account: z.string(),
  agent: z.string(),
  ticket: z.number(),
  text: z.string(),
  at: z.number(),
});
export type Draft = z.infer<typeof draft>;

/** Replies not sent yet, kept for the agent who typed them and for nobody else. */
export interface Drafts {
  find(agent: string, ticket: number): Draft | undefined;
  /** Tickets on which an agent has a draft. */
  ticketsOf(agent: string): Set<number>;
  /** An empty text removes it. */
  keep(agent: string, ticket: number, text: string): Promise<void>;
  drop(agent: string, ticket: number): Promise<void>;
  save(): Promise<void>;
}

const MAX_PER_AGENT = 100;

export function createDrafts(
  shelving: Pick<ShelfOptions<unknown>, 'dir' | 'warn'>,
  clock: { now(): number },
): Drafts {
  const shelf = openShelf({
    ...shelving,
    name: 'desk-drafts',
    schema: z.object({ drafts: z.array(draft) }),
    initial: () => ({ drafts: [] as Draft[] }),
  });
  const belongsTo = (one: Draft, agent: string) => one.account === ACCOUNT && one.agent === agent;
  const isFor = (agent: string, ticket: number) => (one: Draft) =>
    belongsTo(one, agent) && one.ticket === ticket;

  function drop(agent: string, ticket: number): Promise<void> {
    const index = shelf.value.drafts.findIndex(isFor(agent, ticket));
    if (index < 0) return Promise.resolve();
    shelf.value.drafts.splice(index, 1);
    return shelf.save();
  }

  return {
    find: (agent, ticket) => shelf.value.drafts.find(isFor(agent, ticket)),
    ticketsOf: (agent) =>
      new Set(shelf.value.drafts.filter((one) => belongsTo(one, agent)).map((one) => one.ticket)),
    keep(agent, ticket, text) {
      if (text.trim() === '') return drop(agent, ticket);
      const others = shelf.value.drafts.filter((one) => !isFor(agent, ticket)(one));
      const own = others.filter((one) => belongsTo(one, agent));
      // Newest last: the one longest untouched makes room.
      const goes = own.length >= MAX_PER_AGENT ? own[0] : undefined;
      const kept = others.filter((one) => one !== goes);
      kept.push({ account: ACCOUNT, agent, ticket, text: text.slice(0, LIMITS.text), at: clock.now() });
      shelf.value.drafts = kept;
      return shelf.save();
    },
    drop,
    save: () => shelf.save(),
  };
}
