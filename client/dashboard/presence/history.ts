import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PresenceCounts } from '../../../shared/presence.ts';
import { useBoard } from '../board.ts';
import { type CountPoint, createCountLog } from './trail.ts';

export type HistoryRange = 'hour' | 'day';

interface HistoryBody {
  stepSeconds: number;
  points: CountPoint[];
}

/** Points that this page keeps of its own: one each ten seconds for an hour. */
const SEEN_EVERY_MS = 10_000;
const SEEN_KEPT = 360;
/** The server counts once a minute. */
const READ_EVERY_MS = 60_000;

/** Counts over time, as the server kept them, with what is so now at the end; else what this page has seen. */
export function useHistory(range: HistoryRange): {
  points: CountPoint[];
  source: 'server' | 'page';
  /** How many points the server had; null until it has answered, also that it has none. */
  recorded: number | null;
  stepMs: number;
} {
  const { api, roster } = useBoard();
  const [isKnown, setKnown] = useState(false);
  const [kept, setKept] = useState<HistoryBody | null>(null);
  const seen = useMemo(() => createCountLog(SEEN_EVERY_MS, SEEN_KEPT), []);

  useEffect(() => {
    const abort = new AbortController();
    const read = async (): Promise<void> => {
      try {
        const { body } = await api.get<HistoryBody>(`v1/presence/history?range=${range}`, {
          signal: abort.signal,
        });
        setKept(body);
      } catch {
        // The chart then shows less, and says so.
        if (!abort.signal.aborted) setKept(null);
      }
      if (!abort.signal.aborted) setKnown(true);
    };
    void read();
    const timer = setInterval(() => void read(), READ_EVERY_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [api, range]);

  const counts: PresenceCounts = roster.counts.value;
  const at = roster.heardAt.value;
  if (roster.status.value === 'live') seen.add(counts, at);
  const source = kept !== null && kept.points.length > 0 ? 'server' : 'page';
  // Ten-second steps are all that can be seen: the array is the same until the next one.
  const newest = seen.points.at(-1);
  const points = useMemo(() => {
    const base = source === 'server' ? kept!.points : [...seen.points];
    if (newest === undefined || (base.at(-1)?.at ?? 0) >= newest.at) return base;
    return [...base, newest];
  }, [source, kept, newest, seen]);
  const recorded = isKnown ? (kept?.points.length ?? 0) : null;
  return { points, source, recorded, stepMs: source === 'server' ? kept!.stepSeconds * 1000 : SEEN_EVERY_MS };
}
