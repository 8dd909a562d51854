import type { Command } from '../command.ts';

export const start: Command = {
  name: 'start',
  summary: 'start one node; its settings are environment variables',
  usage: 'start',
  options: {},
  notes:
    'Without any setting: the embedded engine and the demo desk on port 3000. docs/protocol.md lists the settings.',
  async run() {
    await import('../../server/main.ts');
  },
};
