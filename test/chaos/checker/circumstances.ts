import type { Fault, History } from './history.ts';

/** What the faults of a run explain, and what they do not. All bounds are on the side of the accused. */
export class Circumstances {
  readonly #history: History;
  readonly faults: Fault[];
  /** Engine time minus the recorder's, as messages told it: { t, offset }. */
  readonly #samples: { t: number; offset: number }[] = [];
  readonly #notReady: { from: number; to: number; node: string; status: number }[] = [];

  constructor(history: History) {
    this.#history = history;
    this.faults = [...history.faults.values()].sort((a, b) => a.beganAt - b.beganAt);
    for (const { heard } of history.connections.values()) {
      for (const { t, m } of heard) {
        if (typeof m.serverTime === 'number') this.#samples.push({ t, offset: m.serverTime - t });
      }
    }
    this.#samples.sort((a, b) => a.t - b.t);
    this.#readReadiness();
  }

  /**
   * Engine time minus the recorder's around a moment: no message is told before it was sent, so the largest of those near
   * is the nearest to the truth. Null where nothing was told near it.
   */
  offsetAt(t: number): number | null {
    const near = this.#near(t, 1_500);
    return near.length === 0 ? null : Math.max(...near.map(({ offset }) => offset));
  }

  /**
   * Whether engine time stood still around a moment: set back, it does until it has caught up, at the nodes longer than in
   * Redis where not all of Redis saw it. Then what nodes say of it tells little of what Redis reckons with.
   */
  stoodStill(t: number): boolean {
    const offsets = (from: number, to: number) =>
      this.#samples.slice(this.#place(from), this.#place(to)).map(({ offset }) => offset);
    const [before, after] = [offsets(t - 10_000, t + 1_500), offsets(t + 3_000, t + 10_000)];
    // Silence tells nothing.
    if (before.length === 0 || after.length === 0) return false;
    return Math.max(...before) - Math.max(...after) > 1_000;
  }

  /** When something of engine time `at`, seen at `seenAt` at the latest, happened by the recorder's clock. */
  momentOf(at: number, seenAt: number): number | null {
    const offset = this.offsetAt(seenAt);
    return offset === null ? null : Math.min(seenAt, at - offset);
  }

  #near(t: number, reach: number): { t: number; offset: number }[] {
    const [from, to] = [this.#place(t - reach), this.#place(t + reach)];
    return this.#samples.slice(from, to);
  }

  #place(t: number): number {
    let [low, high] = [0, this.#samples.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#samples[middle]!.t < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Faults, of these kinds, that were in force at some time between two moments. */
  during(from: number, to: number, kinds: RegExp, afterMs = 0): Fault[] {
    return this.faults.filter(({ fault, beganAt, endedAt }) => {
      return kinds.test(fault) && beganAt <= to && endedAt + afterMs >= from;
    });
  }

  /** Whether a node was struck, so that nobody can say what reached it. */
  nodeStruck(node: string, from: number, to: number): boolean {
    if (this.#isSilent(node, from, to)) return true;
    return this.faults.some(({ fault, on, beganAt, endedAt }) => {
      // What was sent into a cut is sent again ever more rarely: it may take as long again as the cut itself.
      const after = AFTERMATH_MS + (CUT.test(fault) ? 1.2 * (endedAt - beganAt) : 0);
      return NODE.test(fault) && on === node && beganAt <= to && endedAt + after >= from;
    });
  }

  /** A node that owes an answer for two seconds is as good as stopped: the machine may have more to do than it can. */
  #isSilent(name: string, from: number, to: number): boolean {
    return this.#notReady.some((span) => {
      return span.node === name && span.status === 0 && span.from <= to && span.to + AFTERMATH_MS >= from;
    });
  }

  redisStruck(from: number, to: number): Fault[] {
    return this.during(from, to, REDIS, AFTERMATH_MS);
  }

  clockStepped(from: number, to: number): boolean {
    return this.during(from, to, CLOCK, AFTERMATH_MS).length > 0;
  }

  clockSetBack(from: number, to: number): boolean {
    return this.during(from, to, SET_BACK, AFTERMATH_MS).length > 0;
  }

  /** Whether the recorder was too busy to be believed about this time. */
  recorderLate(from: number, to: number, most = 400): boolean {
    return this.#history.late.some(({ t, ms }) => ms > most && t >= from && t - ms <= to);
  }

  /** When all nodes said that they were ready again after a moment. */
  readyAfter(t: number): number {
    let ready = t;
    for (const { from, to } of this.#notReady) if (from <= ready + 1_000 && to > ready) ready = to;
    return ready;
  }

  /** Spans in which no node could reach Redis, so that nobody swept: all of them answered 503 all the time. */
  blindSpans(): { from: number; to: number }[] {
    const nodes = this.#history.meta?.nodes ?? [];
    const spans = (node: string) =>
      this.#notReady.filter((span) => span.node === node && span.status === 503);
    return spans(nodes[0] ?? '').flatMap(({ from, to }) => {
      let [start, end] = [from, to];
      for (const node of nodes.slice(1)) {
        const overlapping = spans(node).filter((span) => span.from < end && span.to > start);
        if (overlapping.length === 0) return [];
        start = Math.max(start, overlapping[0]!.from);
        end = Math.min(end, overlapping[0]!.to);
      }
      return end > start ? [{ from: start, to: end }] : [];
    });
  }

  #readReadiness(): void {
    const since = new Map<string, { from: number; status: number }>();
    for (const { t, node, status } of this.#history.ready) {
      const open = since.get(node);
      if (open !== undefined) this.#notReady.push({ from: open.from, to: t, node, status: open.status });
      since.delete(node);
      if (status !== 200) since.set(node, { from: t, status });
    }
    for (const [node, { from, status }] of since)
      this.#notReady.push({ from, to: Number.POSITIVE_INFINITY, node, status });
    this.#notReady.sort((a, b) => a.from - b.from);
  }
}

export const NODE = /^(node-|half-open)/;
const CUT = /^(node-cut|node-without-redis|half-open)/;
export const REDIS = /^redis-/;
export const CLOCK = /^clock-/;
const SET_BACK = /^clock-(far-)?back/;
/** Where Redis may lose what it acknowledged, or all of it. */
export const LOSSY = /^redis-(kill|stop|split|failover|moved|wipe)/;
/** Until things are as they were: a link that is made anew, a backlog. */
export const AFTERMATH_MS = 2_000;
