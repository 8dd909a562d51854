import type { EndReason } from '../../shared/events.ts';
import type { SessionView } from '../../shared/protocol.ts';
import type { VigilError } from './errors.ts';
import type { Texts } from './panel/texts.ts';

/**
 * - `connecting`: the server has not been heard yet;
 * - `active`: the session lives;
 * - `warning`: it ends soon, unless somebody uses a key or a pointer;
 * - `offline`: the server cannot be reached; before the deadline the page goes on;
 * - `covered`: the page is hidden, nothing of it lost, until the server has said whether the session lives;
 * - `ended`: it is over, for good.
 */
export type VigilState = 'connecting' | 'active' | 'warning' | 'offline' | 'covered' | 'ended';

/** How a session ended. */
export interface Ended {
  /** `timeout`, `logout`, `admin`, `lost`; later servers may know more. */
  reason: EndReason | (string & {});
  /** When, in epoch ms of the server's clock. */
  endedAt: number;
  /** Where the page goes next, with `reason` and `return` in its query; null without a `loginUrl`. */
  loginUrl: string | null;
}

/** Why the host is asked to save. */
export interface BeforeEnd {
  /** `timeout`: the warning is there. `logout`: `logout()` was called. */
  reason: 'timeout' | 'logout';
  /** When the session ends if nobody does anything, in epoch ms of the server's clock; null for a logout. */
  endsAt: number | null;
}

export interface ConnectOptions {
  /**
   * Where Vigil is: `https://vigil.example`, or with the path prefix it is served under (`https://desk.example/vigil`).
   * Default: where the script came from (the script tag), else the page's origin.
   */
  url?: string;
  /**
   * The host's JWT for this login. Asked for at the start and whenever a token has expired; may be asynchronous
   * (up to 15 s) and may fail: then the SDK is offline and asks again. `null` says that nobody is signed in here
   * any more: the page ends (where nobody ever was and there is no `loginUrl`, the SDK just stops). A token with
   * another `sid` than the first is refused: it is another login.
   */
  getToken: () => string | null | Promise<string | null>;
  /**
   * The login page. After the end the page goes there by `location.replace`, with `reason`, and with `return` (path,
   * query and fragment of this page; its whole address where the login page is on another origin) unless somebody
   * signed out on purpose. On the login page itself the SDK stays where it is.
   */
  loginUrl?: string;
  /**
   * The last word, while the server still takes it: save drafts. Called when the warning comes, once more shortly
   * before the end if something was typed since, and by `logout()`. Leaving waits for it, up to 5 s.
   */
  onBeforeEnd?: (info: BeforeEnd) => void | Promise<void>;
  /**
   * The session is over; the page is covered and still there. Awaited up to 3 s. Resolve to `true` to take the page
   * over: then it is uncovered as it is, and the SDK neither empties it nor goes to `loginUrl`.
   */
  onEnded?: (ended: Ended) => boolean | void | Promise<boolean | void>;
  /** Origins of frames in this page that pass input on with `bridge()`: `['https://mail.example']`. None by default. */
  frameOrigins?: string[];
  /** Where WebSockets do not get through, fall back to HTTP long polling (with cookies, for sticky load balancers). Off. */
  polling?: boolean;
  /** Show the built-in warning. On; a host that turns it off draws its own from the event `warning`. */
  warning?: boolean;
  /** A notification when the warning comes in a hidden tab, if the page has the permission. Off. */
  notify?: boolean;
  /** A sound then: `true` for a short tone, or the address of one. Off. */
  sound?: boolean | string;
  /** Language of what the SDK says: `en` and `ar` are shipped. Default: that of the document, else English. */
  locale?: string;
  /** The host's own texts, over those of the language. */
  texts?: Partial<Texts>;
  /** Default: `auto`, as the system prefers. */
  theme?: 'auto' | 'light' | 'dark';
}

/** Events, with what their listeners get. */
export interface VigilEvents extends Record<string, unknown[]> {
  /** The state changed. */
  state: [state: VigilState, before: VigilState];
  /** The warning came, or its end moved. */
  warning: [warning: { endsAt: number; remainingMs: number }];
  /** The warning is over: somebody is there. */
  resumed: [session: SessionView];
  /** The session is over. Comes before `onEnded`. */
  ended: [ended: Ended];
  /** The server cannot be reached, or refuses; `code` as in the contract, or `unreachable`, `timeout`, `token_unavailable`, `login_changed`, … */
  offline: [info: { code: string }];
  /** What the server said of the session: after each connection, and when something changed. */
  session: [session: SessionView];
}

/** One page's connection to Vigil. */
export interface Vigil {
  readonly state: VigilState;
  /** What the server said last; null before its first word. Times are epoch ms of the server's clock. */
  readonly session: SessionView | null;
  /** The server's clock, estimated: epoch ms. */
  serverNow(): number;
  /** Listens; returns what stops listening. A listener that throws disturbs nobody. */
  on<E extends keyof VigilEvents & string>(
    event: E,
    listener: (...payload: VigilEvents[E]) => void,
  ): () => void;
  /**
   * Signs this login out, in all its tabs, after `onBeforeEnd`. Rejects with a {@link VigilError} where the server
   * cannot be reached by socket or HTTP: then the session still lives.
   */
  logout(): Promise<void>;
  /** Available for auto-assignment or not. Rejects with a {@link VigilError}: `not_participating`, `offline`, `timeout`, … */
  setAvailability(available: boolean): Promise<void>;
  /** For a host's own warning: reports at once the input that was seen. By itself it is no input. */
  stay(): void;
  /** Stops watching, reporting and covering. The session itself goes on, until it times out. */
  disconnect(): void;
}

export type { EndReason, SessionView, Texts, VigilError };
