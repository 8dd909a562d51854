import { useEffect, useState } from 'preact/hooks';
import type { VigilEvent } from '../../../shared/events.ts';
import type { AgentPresence, TrailStretch } from '../../../shared/presence.ts';
import { useBoard } from '../board.ts';
import { ApiError } from '../core/api.ts';

/** One login of an agent, as `GET /v1/agents/:id` answers it. `session` is a hash: the `sid` itself is never shown. */
export interface LoginShown {
  session: string;
  startedAt: number;
  tabs: { visible: boolean; since: number }[];
}

export interface Detail {
  agent: AgentPresence | null;
  logins: LoginShown[];
  /** The last day, as the server recorded it. */
  recorded: TrailStretch[];
  /** Null where this person may not read the audit log. */
  events: VigilEvent[] | null;
}

export type DetailState =
  | { kind: 'loading' }
  | { kind: 'there'; detail: Detail }
  | { kind: 'failed'; error: unknown };

const EVENTS = 100;
/** However often an agent changes, details are read only so often. */
const SETTLE_MS = 400;

/** What is known of one agent; read again when the agent changed. */
export function useDetail(id: string): DetailState & { again(): void } {
  const { api, roster, claims } = useBoard();
  const [state, setState] = useState<DetailState>({ kind: 'loading' });
  const [asked, setAsked] = useState(0);
  const shown = roster.row(id).value;
  const manages = claims.value?.manages ?? false;
  // Plain activity moves only times; what the drawer reads from the server changes with the rest.
  const key = shown && [shown.state, shown.tabs, shown.sessions, shown.warned, shown.available].join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` and `asked` say when to read again
  useEffect(() => {
    const abort = new AbortController();
    const read = async (): Promise<void> => {
      const { signal } = abort;
      const path = encodeURIComponent(id);
      try {
        const [detail, trail, events] = await Promise.all([
          api.get<AgentPresence & { logins?: LoginShown[] }>(`v1/agents/${path}`, { signal }),
          api.get<{ stretches: TrailStretch[] }>(`v1/agents/${path}/trail`, { signal }),
          manages
            ? api.get<{ events: VigilEvent[] }>(`v1/audit?agent=${path}&limit=${EVENTS}`, { signal })
            : null,
        ]);
        const { logins = [], ...agent } = detail.body;
        const recorded = trail.body.stretches;
        setState({
          kind: 'there',
          detail: { agent, logins, recorded, events: events?.body.events ?? null },
        });
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiError && error.code === 'not_found')
          setState({ kind: 'there', detail: { agent: null, logins: [], recorded: [], events: null } });
        else setState({ kind: 'failed', error });
      }
    };
    const timer = setTimeout(() => void read(), state.kind === 'loading' ? 0 : SETTLE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [id, key, asked, manages, api]);

  return { ...state, again: () => setAsked(asked + 1) };
}
