import { exactTime } from '../core/moments.ts';

/** A moment in words, the exact one (with the zone) on hover and for machines. */
export function Moment({ at, children }: { at: number; children: string }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {children}
    </time>
  );
}
