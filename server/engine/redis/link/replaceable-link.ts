import { ErrorReply } from 'redis';
import type { RedisLink } from './redis-link.ts';

/** Pause between two attempts to put another connection in the place of one that fails. */
const PAUSE_MS = 500;

export interface Connection {
  send(key: string, words: string[]): Promise<unknown>;
  close(): Promise<void>;
  destroy(): void;
}

/**
 * A link whose servers may change places: a connection that fails is replaced by a new one, for which `connect` asks
 * anew who is to be talked to. Nothing is sent twice, and nothing waits: calls fail until there is one that works.
 */
export async function createReplaceableLink(connect: () => Promise<Connection>): Promise<RedisLink> {
  let current = await connect();
  let replacing: Promise<void> | null = null;
  let closed = false;

  async function replace(): Promise<void> {
    const next = await connect();
    const old = closed ? next : current;
    if (!closed) current = next;
    old.destroy();
  }

  function replaceSoon(failed: Connection): void {
    if (closed || replacing !== null || failed !== current) return;
    replacing = replace()
      .catch(() => new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS).unref()))
      .finally(() => {
        replacing = null;
      });
  }

  return {
    async send(key, words) {
      const connection = current;
      try {
        return await connection.send(key, words);
      } catch (error) {
        if (isOfTheServer(error)) replaceSoon(connection);
        throw error;
      }
    },
    async close() {
      closed = true;
      await replacing;
      await current.close();
    },
  };
}

/** Not of the command: the server is gone, or is none to write to any more. */
function isOfTheServer(error: unknown): boolean {
  return !(error instanceof ErrorReply) || /^(CLUSTERDOWN|READONLY|MASTERDOWN|LOADING)/.test(error.message);
}
