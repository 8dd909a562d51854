import { createHash, randomBytes } from 'node:crypto';
import { sidOf } from 'vigil/host';
import { z } from 'zod';
import { REMEMBER_MS } from './cookies.ts';
import type { Person, Role } from './people.ts';
import { openShelf, type ShelfOptions } from './shelf.ts';

/** One login at the desk. The id in the cookie is kept nowhere: only what follows from it by a hash. */
const deskSession = z.object({
  /** SHA-256 of the cookie's id: by this the desk finds the session. */
  key: z.string(),
  /** What Vigil knows the login by: a hash of the key. */
  sid: z.string(),
  /** In every form and call of the session's pages: proves that it is they who ask, and for whom. */
  formToken: z.string(),
  role: z.enum(['agent', 'requester']),
  person: z.string(),
  remembered: z.boolean(),
  /** Which browser signed in, in the words of this page; '' where it did not say. */
  device: z.string().max(60).default(''),
  loginAt: z.number(),
  seenAt: z.number(),
  /** When a remembered session's cookie was last written. */
  cookieAt: z.number(),
  /** Why Vigil ended it: it is dead, and kept only to say so to whoever comes with its cookie. */
  ended: z.string().nullable().default(null),
});
export type DeskSession = z.infer<typeof deskSession>;

export interface Sessions {
  /** `id` goes into the cookie. Not on the disk yet: `save` it once it is known to be good. */
  begin(person: Person, remembered: boolean, device: string): { id: string; session: DeskSession };
  /** All logins of a person that are not over, newest first. */
  of(person: Person): DeskSession[];
  find(role: Role, id: string): DeskSession | undefined;
  /** It was used; now and then that is written down. */
  seen(session: DeskSession): void;
  /** Vigil ended these logins: they, and that the browser remembers them, are over. */
  end(sids: string[], reason: string): Promise<void>;
  drop(session: DeskSession): Promise<void>;
  save(): Promise<void>;
}

const MAX_SESSIONS = 5_000;
/** Requesters are not agents: Vigil's timeout does not concern them. Theirs ends unless they come back within this. */
const REQUESTER_IDLE_MS = 12 * 3_600_000;
/** No agent's session lives longer than this without a request: Vigil's longest timeout is 30 days. */
const AGENT_IDLE_MS = 31 * 86_400_000;
const SEEN_EVERY_MS = 5 * 60_000;

type Shelving = Pick<ShelfOptions<unknown>, 'dir' | 'warn'>;

export function createSessions(shelving: Shelving, clock: { now(): number }): Sessions {
  const shelf = openShelf({
    ...shelving,
    name: 'desk-sessions',
    schema: z.object({ sessions: z.array(deskSession) }),
    initial: () => ({ sessions: [] as DeskSession[] }),
  });
  const byKey = new Map(shelf.value.sessions.map((session) => [session.key, session]));

  function save(): Promise<void> {
    shelf.value.sessions = [...byKey.values()];
    return shelf.save();
  }

  function forgetStale(now: number): void {
    for (const session of byKey.values()) if (isStale(session, now)) byKey.delete(session.key);
    // Insertion order is login order: the oldest login goes first.
    for (const key of byKey.keys()) {
      if (byKey.size < MAX_SESSIONS) break;
      byKey.delete(key);
    }
  }

  return {
    begin(person, remembered, device) {
      const now = clock.now();
      forgetStale(now);
      const id = randomBytes(32).toString('base64url');
      const key = keyOf(id);
      const session: DeskSession = {
        key,
        sid: sidOf(key),
        formToken: randomBytes(24).toString('base64url'),
        role: person.role,
        person: person.id,
        remembered,
        device,
        loginAt: now,
        seenAt: now,
        cookieAt: now,
        ended: null,
      };
      byKey.set(session.key, session);
      return { id, session };
    },
    of(person) {
      const own = [...byKey.values()].filter(
        ({ role, person: id, ended }) => role === person.role && id === person.id && ended === null,
      );
      return own.reverse();
    },
    find(role, id) {
      const session = byKey.get(keyOf(id));
      if (session === undefined || session.role !== role) return undefined;
      return isStale(session, clock.now()) ? undefined : session;
    },
    seen(session) {
      const now = clock.now();
      const due = now - session.seenAt >= SEEN_EVERY_MS;
      if (!due) return;
      session.seenAt = now;
      void save().catch(() => {});
    },
    async end(sids, reason) {
      const over = [...byKey.values()].filter(({ sid, ended }) => ended === null && sids.includes(sid));
      if (over.length === 0) return;
      for (const session of over) Object.assign(session, { ended: reason, remembered: false });
      await save();
    },
    drop(session) {
      byKey.delete(session.key);
      return save();
    },
    save,
  };
}

function isStale(session: DeskSession, now: number): boolean {
  const idle = now - session.seenAt;
  if (session.role === 'agent') return idle > AGENT_IDLE_MS;
  return idle > (session.remembered ? REMEMBER_MS : REQUESTER_IDLE_MS);
}

function keyOf(id: string): string {
  return createHash('sha256').update(`tidewater-desk key ${id}`).digest('base64url');
}
