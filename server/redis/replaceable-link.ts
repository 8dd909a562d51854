import { ErrorReply } from 'redis';
import { CallsUnderWay } from './calls-under-way.ts';
import { lookOut } from './outdated.ts';
import { COMMAND_TIMEOUT_MS, type Connection, type RedisLink } from './redis-link.ts';

/** Longest pause between two attempts to connect. */
const MAX_PAUSE_MS = 500;

/**
 * A link that outlives its connections: one that fails is replaced by a new one, for which `connect` finds out anew who is
 * to be talked to. Nothing is sent twice, and nothing waits in a queue: calls fail until there is a connection that works.
 */
export async function createReplaceableLink(connect: () => Promise<Connection>): Promise<RedisLink> {
  let current = await connect();
  let replacing: Promise<void> | null = null;
  let closed = false;
  const listeners = new Set<() => void>();
  const underWay = new Map<string, CallsUnderWay>();

  /** Calls that one server answers, as far as is known. */
  function callsAbout(key: string): CallsUnderWay {
    const group = current.groupOf(key);
    let calls = underWay.get(group);
    if (calls === undefined) {
      calls = new CallsUnderWay(COMMAND_TIMEOUT_MS, () => {
        current.hangs();
        replaceSoon(current);
      });
      underWay.set(group, calls);
    }
    return calls;
  }

  async function replace(): Promise<void> {
    while (!closed) {
      try {
        const next = await connect();
        const old = current;
        current = next;
        old.destroy();
        for (const listener of listeners) listener();
        return;
      } catch {
        // With jitter, so that nodes do not come back all at once.
        const pauseMs = MAX_PAUSE_MS * (0.2 + 0.8 * Math.random());
        await new Promise<void>((resolve) => setTimeout(resolve, pauseMs).unref());
      }
    }
  }

  function replaceSoon(failed: Connection): void {
    if (closed || replacing !== null || failed !== current) return;
    replacing = replace().finally(() => {
      replacing = null;
    });
  }

  const lookout =
    current.isOutdated === undefined
      ? undefined
      : lookOut(isOutdated, () => {
          if (replacing === null) replaceSoon(current);
        });

  function isOutdated(): Promise<boolean> {
    return replacing === null ? current.isOutdated!() : Promise.resolve(false);
  }

  return {
    onReplaced: (listener) => void listeners.add(listener),
    async send(key, words) {
      const connection = current;
      try {
        return await callsAbout(key).watch(connection.send(key, words));
      } catch (error) {
        if (isOfTheServer(error)) replaceSoon(connection);
        else if (isForWantOfReplicas(error)) lookout?.look();
        throw error;
      }
    },
    async close() {
      closed = true;
      lookout?.stop();
      await replacing;
      await callsAbout('')
        .watch(current.close())
        .catch(() => current.destroy());
      for (const calls of underWay.values()) calls.stop();
    },
  };
}

/** Perhaps one that was cut off from the others, and is the master no more. */
function isForWantOfReplicas(error: unknown): boolean {
  return error instanceof ErrorReply && error.message.startsWith('NOREPLICAS');
}

/** Not of the command: the server is gone, or is none to write to any more. */
function isOfTheServer(error: unknown): boolean {
  return !(error instanceof ErrorReply) || /^(CLUSTERDOWN|READONLY|MASTERDOWN|LOADING)/.test(error.message);
}
