import type { FocusReport } from '../../shared/protocol.ts';

/**
 * How much later than a tab's first word that it is hidden, sent first, its report of input may be read: both are dated by
 * when they come in, and what was typed just before the tab was hidden must not seem to have come after it. A segment that
 * is lost is sent again after 200 ms.
 */
const TRANSIT_MS = 250;

/**
 * Whether a tab is visible, as it says itself, and so which of its input counts (contract section 4): all of it while
 * visible; else only what came before it was hidden, which is how a late report after a lost link arrives. A tab that
 * has not said anything yet is not visible, and was never seen visible: nothing of it counts.
 */
export class TabVisibility {
  #visible = false;
  /** Since when it has been hidden, as far back as is known. */
  #hiddenAt = Number.NEGATIVE_INFINITY;
  /** Since when it has been as it is; null until it has spoken. */
  #since: number | null = null;

  get visible(): boolean {
    return this.#visible;
  }

  get since(): number | null {
    return this.#since;
  }

  /** Takes a report that came in at `now`; answers whether that changed anything. */
  report({ visible, sinceMs }: FocusReport, now: number): boolean {
    const changed = this.#since === null || visible !== this.#visible;
    const since = Math.max(0, Math.ceil(now - (sinceMs ?? 0)));
    // From a tab that was seen visible it comes after whatever was typed before.
    const hiddenAt = since + (sinceMs && !this.#visible ? TRANSIT_MS : 0);
    if (!visible) this.#hide(hiddenAt, { wasVisible: this.#visible, dated: sinceMs !== undefined });
    this.#visible = visible;
    if (changed) this.#since = since;
    return changed;
  }

  /** Whether input at this moment counts. */
  counts(inputAt: number): boolean {
    return this.#visible || inputAt <= this.#hiddenAt;
  }

  /**
   * `sinceMs` tells how long visibility and focus have both been so: hidden already, it can only move the moment back,
   * or losing the focus later would let in what was typed in between. Without it, a tab that was not seen visible may
   * have been hidden for ever.
   */
  #hide(since: number, { wasVisible, dated }: { wasVisible: boolean; dated: boolean }): void {
    if (wasVisible) this.#hiddenAt = since;
    else if (this.#hiddenAt === Number.NEGATIVE_INFINITY) {
      if (dated) this.#hiddenAt = since;
    } else this.#hiddenAt = Math.min(this.#hiddenAt, since);
  }
}
