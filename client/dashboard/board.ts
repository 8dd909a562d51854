import type { ReadonlySignal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from './core/api.ts';
import type { Claims } from './core/claims.ts';
import type { Navigation } from './core/place.ts';
import type { Roster } from './presence/roster.ts';
import type { Notices } from './ui/notices.ts';

/** What the pages work with. Put together once, in main.tsx. */
export interface Board {
  api: Api;
  roster: Roster;
  notices: Notices;
  navigation: Navigation;
  claims: ReadonlySignal<Claims | null>;
  /** The server's time; moves once a second. */
  now: ReadonlySignal<number>;
  /** The timeout and the lead as the server told this page's own session: they change when the policy does. */
  timing: ReadonlySignal<{ timeoutMs: number; leadMs: number } | null>;
  /** In a frame of the host's page, which says itself whose it is and who is signed in. */
  embedded: boolean;
  /** Whether the page shows the way to its other pages; a host may have put that into its own navigation. */
  navigates: boolean;
  /** The name of an agent, as far as it is known here. */
  nameOf(agent: string): string;
}

export const BoardContext = createContext<Board | null>(null);

export function useBoard(): Board {
  const board = useContext(BoardContext);
  if (board === null) throw new Error('a page outside of its board');
  return board;
}
