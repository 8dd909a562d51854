import type { ParseArgsConfig } from 'node:util';

/** What a command may use of the world around it. */
export interface Terminal {
  out(text: string): void;
  env: NodeJS.ProcessEnv;
  /** Columns of the terminal; null where the output is no terminal. */
  width: number | null;
  /** Resolves when the user has had enough (Ctrl-C). */
  interrupted: Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: what parseArgs answers depends on the options of each command
export type Values = Record<string, any>;

export interface Command {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** How it is called, after `vigil`. */
  usage: string;
  /** Options beside the common ones, each with a line of help. */
  options: Record<string, NonNullable<ParseArgsConfig['options']>[string] & { help: string; value?: string }>;
  /** Examples and what else should be known. */
  notes?: string;
  run(terminal: Terminal, values: Values, words: string[]): Promise<void>;
}

export const SERVER_OPTIONS = {
  url: { type: 'string', value: 'URL', help: 'the server; default VIGIL_URL, else http://127.0.0.1:3000' },
  account: { type: 'string', value: 'ID', help: 'the account; default VIGIL_ACCOUNT' },
} as const satisfies Command['options'];

export const JSON_OPTION = {
  json: { type: 'boolean', help: 'JSON, one document, for other programs' },
} as const satisfies Command['options'];
