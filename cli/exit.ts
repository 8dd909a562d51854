/** Exit codes, from sysexits.h. */
export const EXIT = { ok: 0, usage: 64, unavailable: 69, noPermission: 77, config: 78, failed: 1 } as const;

/** Ends the command with a message on stderr and an exit code. */
export class CommandFailed extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.name = 'CommandFailed';
    this.exitCode = exitCode;
  }
}

export function usage(message: string): CommandFailed {
  return new CommandFailed(message, EXIT.usage);
}
