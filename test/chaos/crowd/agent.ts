import type { Random } from '../../support/random.ts';
import { newSid, signToken } from '../../support/tokens.ts';
import { RawTab, type TabOwner, type TabSurroundings } from './tab.ts';

/** What a person does between a login and the next. */
export type Temperament = 'steady' | 'worker' | 'quiet' | 'closer' | 'hesitant' | 'leaver';

export interface AgentSurroundings extends TabSurroundings {
  random: Random;
  timeoutMs: number;
  /** The clock by which the host dates its tokens. */
  hostNow: () => number;
  /** Ends all sessions of an agent, as a manager does. */
  signOut: (owner: TabOwner) => void;
  /** Nobody does anything any more. */
  isQuiet: () => boolean;
}

const TABS = 3;

/** One person: logs in, opens three tabs, works or leaves, is signed out, and logs in again with a new `sid`. */
export class Agent implements TabOwner {
  readonly account: string;
  readonly agent: string;
  readonly #around: AgentSurroundings;
  readonly #auto: boolean;
  #life = 0;
  #tabs: RawTab[] = [];
  #temperament: Temperament = 'quiet';
  #reacted = false;
  #hasLeft = false;
  readonly isSteady: boolean;
  /** Logins that it had before the present ones, with their tokens: for tries with what is dead. */
  readonly logins: { sid: string; token: string }[] = [];

  constructor(
    around: AgentSurroundings,
    owner: TabOwner,
    { auto, steady }: { auto: boolean; steady: boolean },
  ) {
    this.#around = around;
    this.account = owner.account;
    this.agent = owner.agent;
    this.#auto = auto;
    this.isSteady = steady;
  }

  /** Logs in and opens its tabs. A few have a login of their own in the third tab, as on another machine. */
  begin(): void {
    const { random, wheel } = this.#around;
    if (this.#around.isQuiet()) return;
    this.#life += 1;
    this.#reacted = false;
    this.#hasLeft = false;
    this.#temperament = this.isSteady ? 'steady' : pickTemperament(random);
    const first = this.#login();
    const second = random.fraction() < 0.15 ? this.#login() : first;
    this.#tabs = Array.from({ length: TABS }, (_, index) => {
      const login = index === TABS - 1 ? second : first;
      return new RawTab(this.#around, this, login, {
        warned: () => this.#warned(),
        over: () => this.#over(),
      });
    });
    const life = this.#life;
    for (const [index, tab] of this.#tabs.entries()) {
      wheel.after(index * 40, () => this.#life === life && tab.open());
    }
    this.#live(life);
  }

  shake(): void {
    for (const tab of this.#tabs) tab.shake();
  }

  /** Does one thing more, and walks away. */
  lastWord(): void {
    this.#hasLeft = true;
    this.#temperament = 'quiet';
    this.#tabs[0]?.input();
  }

  /** Steps out and comes back at once: two transitions, and all is as it was. */
  stepOut(): void {
    if (!this.#auto) return;
    this.#tabs[0]?.setAvailable(false);
    this.#tabs[0]?.setAvailable(true);
  }

  #login(): { sid: string; token: string } {
    const sid = newSid();
    const { account: a, agent: g } = this;
    const iat = Math.floor(this.#around.hostNow() / 1000);
    const claims = { sub: g, account: a, sid, iat, exp: iat + 7_200 };
    const token = signToken({ ...claims, ...(this.#auto ? { auto_assign: true } : {}) });
    this.#around.recorder.write({ k: 'login', a, g, s: sid, auto: this.#auto, kind: this.#temperament });
    this.logins.push({ sid, token });
    if (this.logins.length > 12) this.logins.shift();
    return { sid, token };
  }

  #live(life: number): void {
    const { random, wheel, timeoutMs } = this.#around;
    const still = (run: () => void) => () => void (this.#life === life && run());
    if (this.#auto)
      wheel.after(
        1_500,
        still(() => this.#tabs[0]!.setAvailable(true)),
      );
    const workMs = this.isSteady ? Number.POSITIVE_INFINITY : 2_000 + random.below(8_000);
    const until =
      performance.now() + (this.#temperament === 'worker' ? timeoutMs * (1 + random.fraction() * 4) : workMs);
    const stopAt = this.isSteady ? Number.POSITIVE_INFINITY : until;
    const work = (): void => {
      if (this.#around.isQuiet() || this.#hasLeft) return;
      if (performance.now() >= stopAt) {
        this.#rest(life);
        return;
      }
      this.#somewhere().input();
      if (random.fraction() < 0.03) this.#glance(still);
      wheel.after(timeoutMs * (0.035 + 0.13 * random.fraction()), still(work));
    };
    wheel.after(500 + random.below(1_500), still(work));
  }

  /** Another tab goes out of sight for a while. */
  #glance(still: (run: () => void) => () => void): void {
    const tab = this.#tabs[2]!;
    tab.show(false);
    this.#around.wheel.after(
      2_000,
      still(() => tab.show(true)),
    );
  }

  #somewhere(): RawTab {
    const { random } = this.#around;
    return this.#tabs[random.fraction() < 0.7 ? 0 : random.below(TABS)]!;
  }

  #rest(life: number): void {
    const { wheel, timeoutMs, leadMs, random } = this.#around;
    if (this.#temperament === 'leaver') {
      if (random.fraction() < 0.5) this.#tabs[0]!.logout();
      else this.#around.signOut(this);
    }
    if (this.#temperament !== 'closer') return;
    for (const tab of this.#tabs) tab.close();
    // Nobody tells a closed tab: by then the session is over.
    wheel.after(timeoutMs + leadMs + 15_000, () => void (this.#life === life && this.begin()));
  }

  /** Some come back at the last moment, or just after it. */
  #warned(): void {
    if (this.#temperament !== 'hesitant' || this.#reacted || this.#around.isQuiet()) return;
    this.#reacted = true;
    const life = this.#life;
    const { random, wheel, leadMs } = this.#around;
    wheel.after(leadMs * 1.1 * random.fraction(), () => {
      if (this.#life !== life || this.#around.isQuiet()) return;
      this.#tabs[0]!.input();
      wheel.after(4_000, () => {
        if (this.#life === life) this.#reacted = random.fraction() < 0.5;
      });
    });
  }

  /** A session is over; when none of its tabs is open any more, the person comes back some time later. */
  #over(): void {
    if (this.#tabs.some((tab) => tab.isOpen)) return;
    const life = this.#life;
    const { wheel, random } = this.#around;
    wheel.after(1_000 + random.below(9_000), () => void (this.#life === life && this.begin()));
  }

  close(): void {
    this.#life = -1;
    for (const tab of this.#tabs) tab.close();
  }
}

function pickTemperament(random: Random): Temperament {
  const drawn = random.fraction();
  if (drawn < 0.4) return 'worker';
  if (drawn < 0.68) return 'quiet';
  if (drawn < 0.8) return 'closer';
  return drawn < 0.94 ? 'hesitant' : 'leaver';
}
