import { type DestinationStream, destination, pino } from 'pino';
import type { LogLevel } from './settings.ts';

/** As much of a logger as the server needs. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  fatal(fields: object, message: string): void;
}

export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };

/** Where a token could stand, should somebody ever log the object that holds it. */
const SECRETS = ['token', 'authorization', 'cookie', 'secret', 'password'];
const REDACTED = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
const TOKEN = /eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;

/** JSON lines on stdout, or where a test wants them. No line ever holds a token. */
export function createLog(level: LogLevel, stream: DestinationStream = destination({ sync: true })): Log {
  return pino(
    {
      level,
      base: { pid: process.pid },
      redact: { paths: REDACTED, censor: '[redacted]' },
      // The last net: a token inside some text, as of an error's message or a URL.
      hooks: { streamWrite: (line) => line.replace(TOKEN, '[redacted]') },
    },
    stream,
  );
}
