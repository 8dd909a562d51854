import { type Command, SERVER_OPTIONS } from '../command.ts';
import { usage } from '../exit.ts';
import { serverFrom } from '../server.ts';
import { printable } from '../table.ts';

export const signOut: Command = {
  name: 'sign-out',
  summary: 'end all sessions of agents, at once and for good',
  usage: 'sign-out AGENT…',
  options: SERVER_OPTIONS,
  notes:
    'Agents in auto-assignment become unavailable. What they were typing is lost unless their desk saves drafts.',
  async run(terminal, values, words) {
    if (words.length === 0) throw usage('Which agents?');
    const server = serverFrom(values, terminal.env);
    for (const agent of words) {
      await server.call('POST', `/v1/agents/${encodeURIComponent(agent)}/sign-out`);
      terminal.out(`${printable(agent)} is signed out.\n`);
    }
  },
};
