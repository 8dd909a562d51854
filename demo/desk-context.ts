import type { Cookies } from './cookies.ts';
import type { Drafts } from './drafts.ts';
import type { LoginThrottle } from './login-throttle.ts';
import type { Directory } from './people.ts';
import type { Sessions } from './sessions.ts';
import type { Tickets } from './tickets.ts';
import type { Vigil } from './vigil.ts';

/** What the desk's routes work with. Put together once, in desk.ts. */
export interface DeskContext {
  clock: { now(): number };
  cookies: Cookies;
  directory: Directory;
  drafts: Drafts;
  sessions: Sessions;
  throttle: LoginThrottle;
  tickets: Tickets;
  vigil: Vigil;
}
