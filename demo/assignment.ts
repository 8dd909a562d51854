import type { Directory } from './people.ts';
import type { Ticket, Tickets } from './tickets.ts';
import type { Vigil } from './vigil.ts';

/**
 * Gives an arriving ticket to the agent whose turn it is, among those whom Vigil calls available; to nobody where none
 * is, or where Vigil can't be asked. Answers whom it went to.
 */
export async function assignByTurn(
  ticket: Ticket,
  { tickets, vigil, directory }: { tickets: Tickets; vigil: Vigil; directory: Directory },
): Promise<string | null> {
  const available = await vigil.availableAgents();
  // From here on nothing waits: two tickets that arrive together get different turns.
  const agent = nextTurn(
    (available ?? []).filter((id) => directory.find('agent', id) !== undefined),
    tickets.lastTurn,
  );
  if (agent === null || ticket.assignee !== null) return ticket.assignee;
  tickets.lastTurn = agent;
  const name = directory.find('agent', agent)?.name ?? agent;
  tickets.update(
    ticket,
    { assignee: agent },
    { author: 'Auto-assignment', text: `gave this ticket to ${name}` },
  );
  return agent;
}

/** Turns go round by id, so that agents may come and go without anybody being passed over. */
export function nextTurn(candidates: string[], last: string | null): string | null {
  const inOrder = [...candidates].sort();
  return inOrder.find((id) => last === null || id > last) ?? inOrder[0] ?? null;
}
