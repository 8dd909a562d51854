import type { VigilEvent } from '../../../shared/events.ts';
import type { Emission } from '../engine.ts';
import type { RecentEnds } from './recent-ends.ts';
import type { RecentRevs } from './recent-revs.ts';

/** What this node told or was told of in the last seconds, should a failover lose it. */
export class Recent {
  readonly ends: RecentEnds;
  readonly revs: RecentRevs;

  constructor(ends: RecentEnds, revs: RecentRevs) {
    this.ends = ends;
    this.revs = revs;
  }

  note(emission: Emission): void {
    this.ends.note(emission);
    this.revs.note(emission);
  }

  /** Somebody reads these from the log. */
  read(events: VigilEvent[]): VigilEvent[] {
    this.ends.read(events);
    return events;
  }

  /** The data of a partition have answered: what is older than they may lose is let go. */
  answered(partition: number, now: number): void {
    this.ends.answered(partition, now);
    this.revs.letGo(partition, now);
  }
}
