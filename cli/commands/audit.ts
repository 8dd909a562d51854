import type { VigilEvent } from '../../shared/events.ts';
import { type Command, JSON_OPTION, SERVER_OPTIONS } from '../command.ts';
import { agentOf, why } from '../event-words.ts';
import { usage } from '../exit.ts';
import { serverFrom } from '../server.ts';
import { moment, table } from '../table.ts';

export const audit: Command = {
  name: 'audit',
  summary: 'the audit log, newest first',
  usage: 'audit [--type TYPE] [--agent ID] [--limit N] [--json]',
  options: {
    ...SERVER_OPTIONS,
    ...JSON_OPTION,
    type: { type: 'string', value: 'TYPE', help: 'as session.ended or policy.changed' },
    agent: { type: 'string', value: 'ID', help: 'only what concerns this agent' },
    limit: { type: 'string', value: 'N', help: 'how many, up to 1000; default 50' },
  },
  async run(terminal, values) {
    const limit = Number(values.limit ?? 50);
    if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw usage('--limit takes 1 to 1000.');
    const query = new URLSearchParams({ limit: String(limit) });
    if (values.type !== undefined) query.set('type', values.type);
    if (values.agent !== undefined) query.set('agent', values.agent);
    const { body } = await serverFrom(values, terminal.env).call('GET', `/v1/audit?${query}`);
    if (values.json) {
      terminal.out(`${JSON.stringify(body.events)}\n`);
      return;
    }
    const rows = body.events.map((event: VigilEvent) => [
      moment(event.at),
      event.type,
      agentOf(event),
      why(event),
    ]);
    terminal.out(rows.length === 0 ? 'Nothing.\n' : table(['WHEN', 'WHAT', 'AGENT', 'WHY'], rows));
  },
};
