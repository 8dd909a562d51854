import type { AgentPresence } from '../../shared/presence.ts';
import { type Command, JSON_OPTION, SERVER_OPTIONS } from '../command.ts';
import { type Server, serverFrom } from '../server.ts';
import { span, table } from '../table.ts';

export const agents: Command = {
  name: 'agents',
  summary: 'who is here',
  usage: 'agents [--state active|idle|background|offline] [--json]',
  options: {
    ...SERVER_OPTIONS,
    ...JSON_OPTION,
    state: { type: 'string', value: 'STATE', help: 'only agents in that state' },
  },
  async run(terminal, values) {
    const found = await everybody(serverFrom(values, terminal.env), values.state);
    terminal.out(values.json ? `${JSON.stringify(found)}\n` : presenceTable(found, Date.now()));
  },
};

/** All agents with a live session, page by page. */
export async function everybody(server: Server, state?: string): Promise<AgentPresence[]> {
  const found: AgentPresence[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: '1000' });
    if (state !== undefined) query.set('state', state);
    if (cursor !== null) query.set('cursor', cursor);
    const { body } = await server.call('GET', `/v1/agents?${query}`);
    found.push(...body.agents);
    cursor = body.next;
  } while (cursor !== null);
  return found;
}

export function presenceTable(agents: AgentPresence[], now: number): string {
  if (agents.length === 0) return 'Nobody has a session.\n';
  const rows = agents.map((agent) => [
    agent.id,
    agent.name ?? '',
    agent.warned ? `${agent.state}, warned` : agent.state,
    String(agent.tabs),
    `${span(now - agent.lastActivityAt)} ago`,
    `in ${span(agent.endsAt - now)}`,
    agent.available === null ? '' : agent.available ? 'available' : 'unavailable',
  ]);
  return table(['AGENT', 'NAME', 'STATE', 'TABS', 'LAST INPUT', 'SIGN-OUT', 'AVAILABILITY'], rows);
}
