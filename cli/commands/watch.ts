import { type Command, SERVER_OPTIONS } from '../command.ts';
import { usage } from '../exit.ts';
import { serverFrom } from '../server.ts';
import { moment } from '../table.ts';
import { everybody, presenceTable } from './agents.ts';

const CLEAR = '\u001b[2J\u001b[H';

export const watch: Command = {
  name: 'watch',
  summary: 'live presence in the terminal, until Ctrl-C',
  usage: 'watch [--every SECONDS]',
  options: {
    ...SERVER_OPTIONS,
    every: { type: 'string', value: 'SECONDS', help: 'how often to look, from 1; default 2' },
  },
  notes: 'Watching is no activity: it keeps nobody signed in.',
  async run(terminal, values) {
    const every = Number(values.every ?? 2);
    if (!(every >= 1 && every <= 3_600)) throw usage('--every takes seconds, from 1 to 3600.');
    const server = serverFrom(values, terminal.env);
    let stopped = false;
    void terminal.interrupted.then(() => {
      stopped = true;
    });
    while (!stopped) {
      const found = await everybody(server);
      const head = terminal.width === null ? '' : CLEAR;
      terminal.out(`${head}${server.account} · ${moment(Date.now())} · ${found.length} agents\n\n`);
      terminal.out(presenceTable(found, Date.now()));
      await Promise.race([
        terminal.interrupted,
        new Promise((resolve) => setTimeout(resolve, every * 1_000)),
      ]);
    }
  },
};
