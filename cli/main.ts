#!/usr/bin/env node
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Command, Terminal } from './command.ts';
import { agents } from './commands/agents.ts';
import { audit } from './commands/audit.ts';
import { deadLetters } from './commands/dead-letters.ts';
import { doctor } from './commands/doctor.ts';
import { policy } from './commands/policy.ts';
import { signOut } from './commands/sign-out.ts';
import { start } from './commands/start.ts';
import { token } from './commands/token.ts';
import { watch } from './commands/watch.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { commandHelp, help } from './help.ts';

export const COMMANDS: readonly Command[] = [
  start,
  token,
  agents,
  watch,
  signOut,
  policy,
  audit,
  deadLetters,
  doctor,
];

/** Runs one command; answers the exit code. What went wrong goes to `err`. */
export async function run(args: string[], terminal: Terminal, err: (text: string) => void): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const about = COMMANDS.find((command) => command.name === rest[0]);
    terminal.out(about === undefined ? help(COMMANDS) : commandHelp(about));
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (name === '--version' || name === '-V' || name === 'version') {
    terminal.out(`${packageVersion()}\n`);
    return EXIT.ok;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    err(`There is no command '${name}'. 'vigil help' lists them.\n`);
    return EXIT.usage;
  }
  try {
    const options = { ...command.options, help: { type: 'boolean', short: 'h' } as const };
    const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true, strict: true });
    if (values.help === true) terminal.out(commandHelp(command));
    else await command.run(terminal, values, positionals);
    return EXIT.ok;
  } catch (error) {
    return complain(error, command, err);
  }
}

function complain(error: unknown, command: Command, err: (text: string) => void): number {
  if (error instanceof CommandFailed) {
    err(`${error.message}\n`);
    if (error.exitCode === EXIT.usage) err(`Usage: vigil ${command.usage}\n`);
    return error.exitCode;
  }
  const { code, message } = error as { code?: string; message: string };
  if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
  // The rest of what node says is about arguments that begin with a dash; no command of ours takes any.
  err(`${message.split('. ')[0]}.\nUsage: vigil ${command.usage}\n`);
  return EXIT.usage;
}

/** Of the package, which is a folder up from the sources and two from what is built of them. */
function packageVersion(): string {
  const here = import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json';
  const { version } = JSON.parse(readFileSync(new URL(here, import.meta.url), 'utf8'));
  return version;
}

function isMain(): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url);
}

if (isMain()) {
  const terminal: Terminal = {
    out: (text) => void process.stdout.write(text),
    env: process.env,
    width: process.stdout.isTTY ? process.stdout.columns : null,
    interrupted: new Promise((resolve) => process.once('SIGINT', () => resolve())),
  };
  process.exitCode = await run(process.argv.slice(2), terminal, (text) => void process.stderr.write(text));
}
