import { type Entry, readHistory } from '../log.ts';
import { endedOnce, neverEarly, together, unavailableAtOnce, warnedFirst } from './ends.ts';
import { type Figures, measure } from './figures.ts';
import { History } from './history.ts';
import {
  asLateAsPromised,
  everySessionEnds,
  nobodyAtWork,
  nodesLive,
  notOverdue,
  warnedAnew,
} from './liveness.ts';
import { eventsAreSound, webhooksAreInOrder } from './log-of-events.ts';
import { deadStayDead, everybodyIsTold, inOrder, openTabsAreVouchedFor } from './tabs.ts';
import { Case, type Violation } from './verdict.ts';

export interface Report {
  history: History;
  violations: Violation[];
  judged: ReadonlyMap<string, number>;
  figures: Figures;
}

/**
 * Judges a history by what Vigil promises. It knows the protocol from docs/protocol.md alone: nothing of the server is
 * used here, so that no mistake of it can excuse itself. `lateness`: whether how late ends were is judged, too; a minute on a
 * machine that has other work says little of it.
 */
export async function judge(
  from: string | Iterable<Entry>,
  { lateness = true }: { lateness?: boolean } = {},
): Promise<Report> {
  const history = await History.read(typeof from === 'string' ? readHistory(from) : from);
  const subject = new Case(history);
  for (const invariant of [
    warnedFirst,
    neverEarly,
    endedOnce,
    together,
    unavailableAtOnce,
    inOrder,
    deadStayDead,
    everybodyIsTold,
    openTabsAreVouchedFor,
    eventsAreSound,
    webhooksAreInOrder,
    everySessionEnds,
    notOverdue,
    warnedAnew,
    nobodyAtWork,
    nodesLive,
  ])
    invariant(subject);
  const figures = measure(subject);
  if (lateness) asLateAsPromised(subject, figures.ends);
  subject.violations.sort((a, b) => a.t - b.t);
  return { history, violations: subject.violations, judged: subject.judged, figures };
}
