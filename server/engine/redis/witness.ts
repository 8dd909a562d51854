import type { SessionView } from '../../../shared/protocol.ts';
import type { Emission, Login, LoginRef, Policy, TabChange, TabRef, TouchReport } from '../engine.ts';

/** Logins without an open tab that are remembered, for the tab that mostly follows. */
const MAX_UNSEATED = 10_000;

export interface WitnessedTab extends TabRef {
  /** Null: it has not said yet. */
  visible: boolean | null;
  since: number;
}

export interface WitnessedLogin extends Login {
  lastActivityAt: number;
  available: boolean | null;
}

interface Seat {
  login: WitnessedLogin;
  tabs: Set<string>;
}

/**
 * What this node knows first-hand, should Redis lose its data: every policy that was ever saved, and its open tabs with
 * their logins. Nothing else reads it.
 */
export class Witness {
  readonly #policies = new Map<string, Policy>();
  readonly #tabs = new Map<string, WitnessedTab>();
  readonly #seats = new Map<string, Seat>();
  /** Names of seats without a tab, oldest first. */
  readonly #unseated = new Set<string>();

  policy(account: string, policy: Policy): void {
    const known = this.#policies.get(account);
    if (policy.version > (known?.version ?? 0)) this.#policies.set(account, policy);
  }

  admitted(login: Login, view: SessionView): void {
    const name = seatOf(login);
    const seat = this.#seats.get(name);
    if (seat === undefined) {
      this.#seats.set(name, { login: { ...login, ...known(view) }, tabs: new Set() });
      this.#unseat(name);
    } else {
      const newer = login.issuedAt >= seat.login.issuedAt ? login : seat.login;
      seat.login = { ...newer, loginAt: seat.login.loginAt, ...known(view) };
    }
  }

  opened(tab: TabRef, view: SessionView, now: number): void {
    const name = seatOf(tab);
    const { account, agent, sid } = tab;
    let seat = this.#seats.get(name);
    if (seat === undefined) {
      // Admitted too long ago: as good as its token says nothing, so that the next one decides.
      const login = { account, agent, sid, loginAt: view.lastActivityAt, issuedAt: 0, name: null };
      const claims = { permissions: [], autoAssign: view.available !== null };
      seat = { login: { ...login, ...claims, ...known(view) }, tabs: new Set() };
      this.#seats.set(name, seat);
    }
    seat.login = { ...seat.login, ...known(view) };
    seat.tabs.add(tab.tab);
    this.#unseated.delete(name);
    this.#tabs.set(tab.tab, { account, agent, sid, tab: tab.tab, visible: null, since: now });
  }

  turned({ tab: id, visible, at }: TabChange): void {
    const tab = this.#tabs.get(id);
    if (tab === undefined) return;
    if (visible !== null) this.#tabs.set(id, { ...tab, visible, since: at });
    else this.#close(tab);
  }

  touched(report: TouchReport): void {
    const seat = this.#seats.get(seatOf(report));
    if (seat !== undefined) seat.login.lastActivityAt = Math.max(seat.login.lastActivityAt, report.at);
  }

  told({ account, agent, pushes }: Emission): void {
    for (const push of pushes) {
      if (push.type === 'policy') this.policy(account, push.policy);
      if (push.type === 'ended' && agent !== null)
        for (const sid of push.sids) this.#end({ account, agent, sid });
    }
  }

  policies(wanted: (account: string) => boolean): [account: string, policy: Policy][] {
    return [...this.#policies].filter(([account]) => wanted(account));
  }

  tabs(wanted: (account: string) => boolean): WitnessedTab[] {
    return [...this.#tabs.values()].filter(({ account }) => wanted(account));
  }

  /** Logins that have an open tab here. */
  logins(wanted: (account: string) => boolean): WitnessedLogin[] {
    const seats = [...this.#seats.values()].filter(
      ({ login, tabs }) => tabs.size > 0 && wanted(login.account),
    );
    return seats.map(({ login }) => login);
  }

  #close(tab: WitnessedTab): void {
    this.#tabs.delete(tab.tab);
    const name = seatOf(tab);
    const seat = this.#seats.get(name);
    seat?.tabs.delete(tab.tab);
    if (seat?.tabs.size === 0) this.#unseat(name);
  }

  #end(login: LoginRef): void {
    const name = seatOf(login);
    for (const tab of this.#seats.get(name)?.tabs ?? []) this.#tabs.delete(tab);
    this.#seats.delete(name);
    this.#unseated.delete(name);
  }

  #unseat(name: string): void {
    this.#unseated.add(name);
    if (this.#unseated.size <= MAX_UNSEATED) return;
    const [oldest] = this.#unseated;
    this.#unseated.delete(oldest!);
    this.#seats.delete(oldest!);
  }
}

/** No id holds a control character. */
function seatOf({ account, agent, sid }: LoginRef): string {
  return `${account}\n${agent}\n${sid}`;
}

function known({ lastActivityAt, available }: SessionView) {
  return { lastActivityAt, available };
}
