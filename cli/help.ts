import type { Command } from './command.ts';

export function help(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'vigil COMMAND [OPTIONS]',
    '',
    ...lines,
    '',
    "'vigil help COMMAND' says more, 'vigil --version' which one this is. Commands that ask a server sign with VIGIL_JWT_SECRET, or take VIGIL_TOKEN.",
    'Exit codes: 0 done, 1 refused, 64 usage, 69 no answer, 77 no permission, 78 configuration.',
    '',
  ].join('\n');
}

export function commandHelp({ name, summary, usage, options, notes }: Command): string {
  const left = Object.entries(options).map(
    ([option, { value }]) => `  --${option}${value ? ` ${value}` : ''}`,
  );
  const width = Math.max(0, ...left.map((text) => text.length));
  const lines = Object.values(options).map((option, i) => `${left[i]!.padEnd(width)}  ${option.help}`);
  const parts = [[`vigil ${usage}`], [`${name}: ${summary}.`], lines, notes === undefined ? [] : [notes]];
  const paragraphs = parts.filter((part) => part.length > 0).map((part) => part.join('\n'));
  return `${paragraphs.join('\n\n')}\n`;
}
