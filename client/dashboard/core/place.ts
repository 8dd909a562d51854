import { type ReadonlySignal, signal } from '@preact/signals';

/** Where Vigil is, seen from this page: the page is served at `dashboard/` below it, whatever stands before. */
export function vigilAddress(page: string): URL {
  return new URL('../', new URL('.', page));
}

export const PAGES = ['presence', 'security', 'audit'] as const;
export type PageName = (typeof PAGES)[number];

/** What the fragment of the address says: which page, and what of it (`#/audit?agent=ada`). */
export interface Place {
  page: PageName | null;
  query: URLSearchParams;
}

export function readPlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return { page: PAGES.find((page) => page === path) ?? null, query: new URLSearchParams(query) };
}

export function hrefOf(page: PageName, query: Record<string, string> = {}): string {
  const filled = Object.entries(query).filter(([, value]) => value !== '');
  return `#/${page}${filled.length === 0 ? '' : `?${new URLSearchParams(filled)}`}`;
}

export interface Navigation {
  readonly place: ReadonlySignal<Place>;
  /** Keeps what was chosen on a page in the address, without a step in the history. */
  remember(page: PageName, query: Record<string, string>): void;
}

export function createNavigation(window: Window): Navigation {
  const place = signal(readPlace(window.location.hash));
  window.addEventListener('hashchange', () => {
    place.value = readPlace(window.location.hash);
  });
  return {
    place,
    remember(page, query) {
      const href = hrefOf(page, query);
      if (window.location.hash !== href) window.history.replaceState(null, '', href);
    },
  };
}
