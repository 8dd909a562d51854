import { ErrorReply } from 'redis';
import type { RedisTarget } from '../redis-url.ts';

/** Why a node cannot start on this Redis, in one line. Its user and password are not in it. */
export function unreachable(target: RedisTarget, error: unknown): string {
  const refused = causesOf(error).find((cause) => cause instanceof ErrorReply);
  return refused === undefined
    ? `${addressOf(target)} cannot be reached (${reasonOf(error)})`
    : `${addressOf(target)} refuses (${lineOf(refused)})`;
}

function addressOf(target: RedisTarget): string {
  switch (target.kind) {
    case 'single': {
      const { protocol, host } = new URL(target.url);
      return `${protocol}//${host}`;
    }
    case 'cluster':
      return `redis+cluster://${hostsOf(target.nodes)}`;
    case 'sentinel':
      return `redis+sentinel://${hostsOf(target.sentinels)}/${target.name}`;
  }
}

function hostsOf(addresses: { host: string; port: number }[]): string {
  return addresses.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',');
}

function reasonOf(error: unknown): string {
  const codes = causesOf(error).flatMap(({ code }) => (code === undefined ? [] : [code]));
  const [code] = codes;
  const message = lineOf(error as Error);
  if (code === undefined) return message;
  // What the system says of one address names it once more; what we say of several does not.
  return (error as NodeJS.ErrnoException).code === code ? code : `${message}: ${code}`;
}

/** An error, and all that led to it. */
function causesOf(error: unknown): NodeJS.ErrnoException[] {
  if (!(error instanceof Error)) return [];
  const { cause, errors } = error as Error & { errors?: unknown };
  return [error, ...causesOf(cause), ...(Array.isArray(errors) ? errors.flatMap(causesOf) : [])];
}

function lineOf({ message }: Error): string {
  return String(message).split('\n', 1)[0]!.slice(0, 200);
}
