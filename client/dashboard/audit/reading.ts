import { useCallback, useEffect, useState } from 'preact/hooks';
import type { VigilEvent } from '../../../shared/events.ts';
import { useBoard } from '../board.ts';
import type { Api } from '../core/api.ts';
import { type AuditFilters, queryOf } from './filters.ts';

interface AuditPage {
  events: VigilEvent[];
  next: string | null;
}

export interface AuditReading {
  events: VigilEvent[];
  /** Null while nothing has been answered yet. */
  end: boolean | null;
  loading: boolean;
  error: unknown;
  /** How many events came since the newest that is shown. */
  newer: boolean;
  more(): void;
  again(): void;
}

const PAGE = 100;
const LARGE_PAGE = 1_000;
const LOOK_EVERY_MS = 10_000;

/** Reads the log page by page, newest first. */
export function useAudit(filters: AuditFilters): AuditReading {
  const { api } = useBoard();
  const [events, setEvents] = useState<VigilEvent[]>([]);
  const [next, setNext] = useState<string | null | undefined>(undefined);
  const [error, setError] = useState<unknown>(null);
  const [loading, setLoading] = useState(true);
  const [newer, setNewer] = useState(false);
  const [round, setRound] = useState(0);

  const read = useCallback(
    async (cursor: string, signal: AbortSignal) => {
      setLoading(true);
      setError(null);
      try {
        const page = await readPage(api, filters, cursor, signal);
        setEvents((known) => (cursor === '' ? page.events : [...known, ...page.events]));
        setNext(page.next);
        if (cursor === '') setNewer(false);
      } catch (failure) {
        if (!signal.aborted) setError(failure);
      }
      if (!signal.aborted) setLoading(false);
    },
    [api, filters],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` begins anew
  useEffect(() => {
    const abort = new AbortController();
    setNext(undefined);
    void read('', abort.signal);
    return () => abort.abort();
  }, [read, round]);

  const newest = events[0]?.id;
  useEffect(() => {
    if (newest === undefined || filters.to !== '') return;
    const look = async (): Promise<void> => {
      if (document.visibilityState !== 'visible') return;
      const { body } = await api.get<AuditPage>(`v1/audit?${queryOf(filters, { limit: '1' })}`);
      if (body.events[0] !== undefined && body.events[0].id !== newest) setNewer(true);
    };
    // A look that fails is made up for by the next.
    const timer = setInterval(() => void look().catch(() => {}), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [api, filters, newest]);

  return {
    events,
    end: next === undefined ? null : next === null,
    loading,
    error,
    newer,
    more: () => typeof next === 'string' && void read(next, new AbortController().signal),
    again: () => setRound(round + 1),
  };
}

async function readPage(
  api: Api,
  filters: AuditFilters,
  cursor: string,
  signal: AbortSignal,
): Promise<AuditPage> {
  const query = queryOf(filters, { limit: String(PAGE), cursor });
  return (await api.get<AuditPage>(`v1/audit?${query}`, { signal })).body;
}

/** Everything that is looked for, for a file. */
export async function readAll(
  api: Api,
  filters: AuditFilters,
  onProgress: (read: number) => void,
): Promise<VigilEvent[]> {
  const all: VigilEvent[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    // The first call says that this is an export: it stands in the log.
    const said = cursor === '' ? { export: 'json' } : {};
    const query = queryOf(filters, { limit: String(LARGE_PAGE), cursor, ...said });
    const { body }: { body: AuditPage } = await api.get<AuditPage>(`v1/audit?${query}`);
    all.push(...body.events);
    onProgress(all.length);
    cursor = body.next;
  }
  return all;
}
