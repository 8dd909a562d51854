import type { SessionView } from '../../../shared/protocol.ts';
import type { Emission, Login, LoginRef, Policy, TabChange, TabRef, TouchReport } from '../engine.ts';

/** Logins without an open tab that are remembered, for the tab that mostly follows. */
const MAX_UNSEATED = 10_000;
/** Agents whose availability is remembered as it was told last; of others, as it was when their tab opened. */
const MAX_AVAILABLE = 20_000;

export interface WitnessedTab extends TabRef {
  /** Null: it has not said yet. */
  visible: boolean | null;
  since: number;
}

export interface WitnessedLogin extends Login {
  lastActivityAt: number;
  available: boolean | null;
}

/** What a node says of a login; without an open tab here, only its input counts. */
export interface Voucher extends WitnessedLogin {
  isOpen: boolean;
}

interface Seat {
  login: WitnessedLogin;
  /** An array: most have one or two. */
  tabs: readonly string[];
  /** When it came here. */
  since: number;
}

const NO_TABS: readonly string[] = [];

/**
 * What this node knows first-hand, should Redis lose its data: every policy that was ever saved, and its open tabs with
 * their logins. Nothing else reads it.
 */
export class Witness {
  readonly #policies = new Map<string, Policy>();
  readonly #tabs = new Map<string, WitnessedTab>();
  readonly #seats = new Seats();
  /** Seats without a tab, oldest first. */
  readonly #unseated = new Set<Seat>();
  /** By agent, as it was told last; whoever was told longest ago comes first. */
  readonly #available = new Map<string, boolean>();
  /** Changes that Redis could not be told of. */
  readonly #untold = new WeakSet<TabChange>();
  readonly #onForgotten: () => void;

  constructor(onForgotten: () => void = () => {}) {
    this.#onForgotten = onForgotten;
  }

  policy(account: string, policy: Policy): void {
    const known = this.#policies.get(account);
    if (policy.version > (known?.version ?? 0)) this.#policies.set(account, policy);
  }

  /** `tab`: what it opened with that, if anything. */
  admitted(login: Login, view: SessionView, { tab, now }: { tab?: string | undefined; now: number }): void {
    this.#saw(login.account, login.agent, view);
    let seat = this.#seats.get(login);
    if (seat === undefined)
      seat = this.#seats.add({ login: witnessed(login, login, view), tabs: NO_TABS, since: now });
    else seat.login = witnessed(login.issuedAt >= seat.login.issuedAt ? login : seat.login, seat.login, view);
    if (tab !== undefined) this.#seatTab(seat, tab, now);
    else if (seat.tabs.length === 0) this.#unseat(seat);
  }

  #seatTab(seat: Seat, tab: string, now: number): void {
    const { account, agent, sid } = seat.login;
    const before = this.#tabs.get(tab);
    if (before !== undefined && this.#seats.get(before) !== seat) this.#close(before);
    if (!seat.tabs.includes(tab)) seat.tabs = seat.tabs.concat(tab);
    this.#unseated.delete(seat);
    this.#tabs.set(tab, { account, agent, sid, tab, visible: null, since: now });
  }

  /** Answers whether it was open, as far as this node knows: the tabs of a login close with its end. */
  turned(change: TabChange): boolean {
    if (this.#untold.has(change)) return true;
    const { account, agent, tab: id, visible, at } = change;
    const tab = this.#tabs.get(id);
    if (tab?.account !== account || tab.agent !== agent) return false;
    if (visible !== null) this.#tabs.set(id, { ...tab, visible, since: at });
    else this.#close(tab);
    return true;
  }

  /** Redis could not be told of these, of which it will be: by then their tabs may be known no more. */
  untold(changes: readonly TabChange[], left: ReadonlySet<unknown> | undefined): void {
    for (const change of changes) if (left?.has(change)) this.#untold.add(change);
  }

  touched(report: TouchReport): void {
    const login = this.#seats.get(report)?.login;
    if (login !== undefined && report.at > login.lastActivityAt) login.lastActivityAt = report.at;
  }

  /** By this node or, as far as it has heard, by another. */
  told({ account, agent, pushes }: Emission): void {
    for (const push of pushes) {
      if (push.type === 'policy') this.policy(account, push.policy);
      if (push.type === 'session' && agent !== null) this.#saw(account, agent, push.session);
      if (push.type === 'ended' && agent !== null)
        for (const sid of push.sids) this.ended({ account, agent, sid });
    }
  }

  policies(wanted: (account: string) => boolean): [account: string, policy: Policy][] {
    return [...this.#policies].filter(([account]) => wanted(account));
  }

  /** Those that were opened or turned since a moment. */
  tabs(wanted: (account: string) => boolean, moment = Number.NEGATIVE_INFINITY): WitnessedTab[] {
    return [...this.#tabs.values()].filter(({ account, since }) => since >= moment && wanted(account));
  }

  /** All logins that are known: those that have an open tab here, and those whose tabs have closed. */
  logins(wanted: (account: string) => boolean): Voucher[] {
    const seats = this.#seats.all().filter(({ login }) => wanted(login.account));
    return seats.map((seat) => this.#voucherOf(seat));
  }

  /** Logins that came here since a moment: the engine may have lost that they ever began. */
  newcomers(wanted: (account: string) => boolean, moment: number): Voucher[] {
    const seats = this.#seats
      .all()
      .filter(({ login, tabs, since }) => tabs.length > 0 && since >= moment && wanted(login.account));
    return seats.map((seat) => this.#voucherOf(seat));
  }

  #voucherOf({ login, tabs }: Seat): Voucher {
    return { ...login, available: this.#availableOf(login), isOpen: tabs.length > 0 };
  }

  /** Input since a moment, also of logins whose last tab has closed: what the engine took of it may be lost. */
  activities(wanted: (account: string) => boolean, since: number): TouchReport[] {
    return this.#seats.all().flatMap(({ login: { account, agent, sid, lastActivityAt: at } }) => {
      return at >= since && wanted(account) ? [{ account, agent, sid, at }] : [];
    });
  }

  #availableOf({ account, agent, available }: WitnessedLogin): boolean | null {
    return available === null ? null : (this.#available.get(`${account}\n${agent}`) ?? available);
  }

  #saw(account: string, agent: string, { available }: SessionView): void {
    if (available === null) return;
    const name = `${account}\n${agent}`;
    this.#available.delete(name);
    this.#available.set(name, available);
    if (this.#available.size > MAX_AVAILABLE) this.#available.delete(this.#available.keys().next().value!);
  }

  #close(tab: WitnessedTab): void {
    this.#tabs.delete(tab.tab);
    const seat = this.#seats.get(tab);
    if (seat === undefined) return;
    seat.tabs = seat.tabs.filter((other) => other !== tab.tab);
    if (seat.tabs.length === 0) this.#unseat(seat);
  }

  /** Its tabs have ended with it. */
  ended(login: LoginRef): void {
    const seat = this.#seats.get(login);
    if (seat === undefined) return;
    for (const tab of seat.tabs) this.#tabs.delete(tab);
    this.#seats.delete(seat);
    this.#unseated.delete(seat);
  }

  #unseat(seat: Seat): void {
    this.#unseated.add(seat);
    if (this.#unseated.size <= MAX_UNSEATED) return;
    const [oldest] = this.#unseated;
    this.#unseated.delete(oldest!);
    this.#seats.delete(oldest!);
    this.#onForgotten();
  }
}

/** By account and `sid`: every report asks, so no name is put together for it. */
class Seats {
  readonly #accounts = new Map<string, Map<string, Seat>>();

  get({ account, agent, sid }: LoginRef): Seat | undefined {
    const seat = this.#accounts.get(account)?.get(sid);
    return seat?.login.agent === agent ? seat : undefined;
  }

  add(seat: Seat): Seat {
    const { account, sid } = seat.login;
    const seats = this.#accounts.get(account);
    if (seats === undefined) this.#accounts.set(account, new Map([[sid, seat]]));
    else seats.set(sid, seat);
    return seat;
  }

  delete({ login: { account, sid } }: Seat): void {
    const seats = this.#accounts.get(account);
    seats?.delete(sid);
    if (seats?.size === 0) this.#accounts.delete(account);
  }

  all(): Seat[] {
    return [...this.#accounts.values()].flatMap((seats) => [...seats.values()]);
  }
}

/** A login as it is known from now on; `newer`: what its newest token says. */
function witnessed(
  { account, agent, sid, issuedAt, name, permissions, autoAssign }: Login,
  { loginAt, lastActivityAt = Number.NEGATIVE_INFINITY }: Login & Partial<WitnessedLogin>,
  view: SessionView,
): WitnessedLogin {
  return {
    account,
    agent,
    sid,
    loginAt,
    issuedAt,
    name,
    permissions,
    autoAssign,
    // An answer that comes late may be older than what was typed since.
    lastActivityAt: Math.max(view.lastActivityAt, lastActivityAt),
    available: view.available,
  };
}
