import type { ConnectOptions, Ended } from './api.ts';
import type { PageClock } from './clock.ts';
import { bounded } from './link/bounded.ts';
import type { Saving } from './saving.ts';

/** How long leaving waits for the host's `onEnded`. */
const PATIENCE_MS = 3_000;

export interface Leaving {
  clock: PageClock;
  saving: Saving;
  onEnded: ConnectOptions['onEnded'];
  /** What the tab is called when nothing is left in it. */
  title: string;
}

/** Leaves a page whose session has ended, and nothing of it behind. True where the host has taken the page over instead. */
export async function leavePage(ended: Ended, { clock, saving, onEnded, title }: Leaving): Promise<boolean> {
  await saving.settled();
  const handled = Promise.resolve(ended).then(onEnded).catch(reportError);
  if ((await bounded(clock, handled, PATIENCE_MS, null)) === true) return true;
  emptyPage(title);
  if (ended.loginUrl !== null) location.replace(ended.loginUrl);
  return false;
}

/**
 * Nobody may stay on a page that is over, whatever it wants to ask. Listeners of a window run in the order in which
 * they came, so this one is there from the start.
 */
export function askNothing(isOver: () => boolean, signal: AbortSignal): void {
  const options = { capture: true, signal };
  addEventListener('beforeunload', (event) => isOver() && event.stopImmediatePropagation(), options);
}

function emptyPage(title: string): void {
  document.title = title;
  document.body?.replaceChildren();
}

export function isSamePage(address: string | null): boolean {
  return address?.split(/[?#]/)[0] === location.href.split(/[?#]/)[0];
}

/**
 * The login page's address with why and, unless somebody signed out on purpose, the way back. On this origin the way
 * back is a path that cannot be read as another host's address; for a login page elsewhere it is the whole address.
 */
export function loginAddress(loginUrl: string, here: URL, reason: string): string {
  const login = new URL(loginUrl, here);
  login.searchParams.set('reason', reason);
  if (reason !== 'logout') {
    const path = `/${here.pathname.replace(/^[/\\]+/, '')}${here.search}${here.hash}`;
    login.searchParams.set('return', login.origin === here.origin ? path : here.origin + path);
  }
  return login.href;
}
