import { type Command, JSON_OPTION, SERVER_OPTIONS } from '../command.ts';
import { serverFrom } from '../server.ts';
import { moment, table } from '../table.ts';

interface DeadLetter {
  event: { id: string; type: string; at: number };
  failedAt: number;
  error: string;
  resending: boolean;
}

export const deadLetters: Command = {
  name: 'dead-letters',
  summary: 'webhooks that were given up, oldest first, or send them again',
  usage: 'dead-letters [--resend] [--json]',
  options: {
    ...SERVER_OPTIONS,
    ...JSON_OPTION,
    resend: { type: 'boolean', help: 'send all of them once more; those that are not taken stay' },
  },
  notes:
    'A webhook is given up 24 h after its first attempt. Dead letters are kept for 31 days, 1000 of an account.',
  async run(terminal, values) {
    const server = serverFrom(values, terminal.env);
    if (values.resend) {
      const { body } = await server.call('POST', '/v1/webhooks/dead-letters/resend');
      const said = `${body.resending} will be sent again.\n`;
      terminal.out(values.json ? `${JSON.stringify(body)}\n` : said);
      return;
    }
    const { body } = await server.call('GET', '/v1/webhooks/dead-letters');
    if (values.json) {
      terminal.out(`${JSON.stringify(body.deadLetters)}\n`);
      return;
    }
    const rows = body.deadLetters.map(({ event, failedAt, error, resending }: DeadLetter) => [
      moment(event.at),
      event.type,
      event.id,
      moment(failedAt),
      resending ? `${error} (sending again)` : error,
    ]);
    terminal.out(rows.length === 0 ? 'None.\n' : table(['WHEN', 'WHAT', 'ID', 'GIVEN UP', 'WHY'], rows));
  },
};
