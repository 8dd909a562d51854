import fc from 'fast-check';
import { HOUR, MINUTE, SECOND } from '../engine/harness.ts';

/** Short, so that a history of a few minutes holds many warnings and ends. */
export const MODEL_LEAD = 5 * SECOND;
export const MODEL_MIN_TIMEOUT = 15 * SECOND;

export const ACCOUNTS = ['north', 'south'] as const;
export const AGENTS = ['ann', 'bob'] as const;
/** An agent of an account; the same names and sids live in both accounts. */
export const PEOPLE = ACCOUNTS.flatMap((account) => AGENTS.map((agent) => ({ account, agent })));

/** `who` is one of `PEOPLE`, `which` one of their sids, ended ones too. */
export type Action =
  | { do: 'login'; who: number; agoMs: number; autoAssign: boolean }
  | { do: 'present'; who: number; which: number; refreshed: boolean; autoAssign: boolean }
  | { do: 'impersonate'; who: number; which: number }
  | ({ do: 'type'; times: number } & Input)
  /** Showing a tab that is not there opens it. */
  | { do: 'tab'; who: number; which: number; tab: number; turn: 'open' | 'show' | 'hide' | 'close' }
  | { do: 'logout'; who: number; which: number }
  | { do: 'logout-unseen'; who: number }
  | { do: 'sign-out'; who: number }
  | { do: 'availability'; who: number; available: boolean; admin: boolean }
  | { do: 'policy'; account: number; seconds: number }
  /** The shortest timeout, taken back before the lead is over. */
  | { do: 'mistake'; account: number; forMs: number }
  /** Time with a sweeper at work. */
  | { do: 'pass'; ms: number }
  | { do: 'pass-to'; who: number; moment: 'warning' | 'end'; offMs: number }
  /** Time with nobody at work; input of meanwhile arrives around the first sweep. */
  | { do: 'stall'; ms: number; inputs: Input[]; inputFirst: boolean }
  | { do: 'step'; ms: number }
  | { do: 'sweep'; times: number }
  /** A kill -9; the clock is set by `stepMs` before the new start. */
  | { do: 'restart'; downMs: number; stepMs: number }
  | { do: 'look'; account: number };

/** Input so long ago, by the engine's clock; ahead of it where negative. */
export interface Input {
  who: number;
  which: number;
  agoMs: number;
}

export interface History {
  timeouts: number[];
  actions: Action[];
}

/** Mostly one person and their newest login: that is where much happens in a short history. */
const who = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.nat(PEOPLE.length - 1) },
);
const which = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(5) });
const account = fc.nat(ACCOUNTS.length - 1);
const seconds = fc.constantFrom(10, 15, 16, 18, 20, 25, 40, 60, 300, 86_400);
const agoMs = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 1, 500, -1, -60_000) },
  { weight: 4, arbitrary: fc.nat(12_000) },
  { weight: 1, arbitrary: fc.nat(70_000) },
  { weight: 1, arbitrary: fc.constantFrom(HOUR, 40 * HOUR) },
);
const passedMs = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(1, 999, 1_000, 2_500, 2_501, 4_999, 5_000, 5_001, 10_000) },
  { weight: 2, arbitrary: fc.nat(12_000) },
  { weight: 1, arbitrary: fc.nat(70_000) },
);
const stalledMs = fc.oneof(fc.constantFrom(2_500, 2_501, 5_000, 10_000, 15_000, HOUR), fc.nat(30_000));
const steppedMs = fc.oneof(
  fc.constantFrom(-60_000, -60_001, -HOUR, -3_000, 3_000, MINUTE, HOUR),
  fc.integer({ min: -90_000, max: 30_000 }),
);
const input = fc.record({ who, which, agoMs });

function action<T extends Action['do'], F>(name: T, fields: { [K in keyof F]: fc.Arbitrary<F[K]> }) {
  return fc.record({ do: fc.constant(name), ...fields }) as fc.Arbitrary<Extract<Action, { do: T }>>;
}

type Weighted = { weight: number; arbitrary: fc.Arbitrary<Action> };

const turn = fc.constantFrom('open', 'show', 'show', 'show', 'hide', 'close');
const moment = fc.constantFrom('warning', 'end');
const login = action('login', { who, agoMs, autoAssign: fc.boolean() });
const actions: Weighted[] = [
  { weight: 4, arbitrary: login },
  {
    weight: 2,
    arbitrary: action('present', { who, which, refreshed: fc.boolean(), autoAssign: fc.boolean() }),
  },
  { weight: 1, arbitrary: action('impersonate', { who, which }) },
  { weight: 7, arbitrary: action('type', { who, which, agoMs, times: fc.integer({ min: 1, max: 2 }) }) },
  { weight: 5, arbitrary: action('tab', { who, which, tab: fc.nat(1), turn }) },
  { weight: 1, arbitrary: action('logout', { who, which }) },
  { weight: 1, arbitrary: action('logout-unseen', { who }) },
  { weight: 1, arbitrary: action('sign-out', { who }) },
  { weight: 2, arbitrary: action('availability', { who, available: fc.boolean(), admin: fc.boolean() }) },
  { weight: 3, arbitrary: action('policy', { account, seconds }) },
  { weight: 1, arbitrary: action('mistake', { account, forMs: fc.nat(MODEL_LEAD - 1) }) },
  { weight: 4, arbitrary: action('pass', { ms: passedMs }) },
  { weight: 6, arbitrary: action('pass-to', { who, moment, offMs: fc.constantFrom(-1, 0, 1) }) },
  {
    weight: 2,
    arbitrary: action('stall', {
      ms: stalledMs,
      inputs: fc.array(input, { maxLength: 3 }),
      inputFirst: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: action('step', { ms: steppedMs }) },
  { weight: 1, arbitrary: action('sweep', { times: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: action('look', { account }) },
];
const downMs = fc.constantFrom(0, 1_000, 3_000, 20_000);
const restart: Weighted = {
  weight: 1,
  arbitrary: action('restart', { downMs, stepMs: fc.constantFrom(0, 0, 0, -500, -30_000, -HOUR) }),
};

/** Random histories; without restarts for engines that keep nothing. */
export function histories({ restarts }: { restarts: boolean }): fc.Arbitrary<History> {
  const possible = restarts ? [...actions, restart] : actions;
  return fc.record({
    timeouts: fc.tuple(seconds, seconds),
    actions: fc
      .tuple(login, fc.array(fc.oneof(...possible), { maxLength: 60, size: 'max' }))
      .map(([first, rest]) => [first, ...rest]),
  });
}
