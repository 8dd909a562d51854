import type { Login } from '../../../server/engine/engine.ts';
import { personId, personName, seededRandom } from './people.ts';
import { ACCOUNT, type Stage } from './stage.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface Act {
  at: number;
  run: () => Promise<unknown>;
}

export interface Morning {
  seed?: number;
  /** Called at each minute of the last so many hours. */
  recorded?: { hours: number; run: () => Promise<unknown> };
  /** What else happens. */
  also?: Act[];
}

/** Of more than so many people only the last hour is played in full: everything takes too long. */
const BUSY_SIZE = 1_000;

/** Lets an account of `size` agents live through its morning, so that every state and reason is among
 * them. Answers who is at work when it is over. */
export async function playMorning(
  stage: Stage,
  size: number,
  { seed = 7, recorded, also = [] }: Morning = {},
): Promise<number[]> {
  const random = seededRandom(seed);
  const now = Date.now();
  const acts = [...also];
  for (let minute = (recorded?.hours ?? 0) * 60; minute > 0; minute -= 1)
    acts.push({ at: now - minute * MINUTE, run: recorded!.run });
  const atWork: number[] = [];
  const busyFrom = recorded === undefined ? now : size > BUSY_SIZE ? now - HOUR : 0;
  for (let index = 0; index < size; index += 1) {
    const day = dayOf(stage, index, now, random, busyFrom);
    acts.push(...day.acts);
    if (day.atWork) atWork.push(index);
  }
  acts.sort((a, b) => a.at - b.at);
  for (const { at, run } of acts) {
    stage.clock.shift = Math.min(0, at - Date.now());
    await run();
  }
  stage.clock.shift = 0;
  // Playing took a while, in which they went on.
  const reports = atWork.map((index) => {
    const at = stage.engine.now() - random() * 50_000;
    return { account: ACCOUNT, agent: personId(index), sid: `login-${index}`, at };
  });
  await stage.engine.touch(reports);
  return atWork;
}

/** One agent's morning: signs in, works, hides the tab, leaves. */
function dayOf(
  { engine }: Stage,
  index: number,
  now: number,
  random: () => number,
  busyFrom: number,
): { acts: Act[]; atWork: boolean } {
  const login = loginOf(index, now - HOUR - random() * 8 * HOUR, random);
  const tabs = 1 + Math.floor(random() ** 3 * 4);
  const kind = random();
  const startedAt = login.loginAt;
  const names = Array.from({ length: tabs }, (_, tab) => `${login.sid}-${tab}`);
  const each = (run: (tab: string) => Promise<unknown>) => async () => {
    for (const tab of names) await run(tab);
  };
  const ref = { account: login.account, agent: login.agent, sid: login.sid };
  const show = (visible: boolean | null, at: number, which = names) => ({
    at,
    run: () => engine.updateTabs(which.map((tab) => ({ ...ref, tab, visible, at }))),
  });
  const acts: Act[] = [
    { at: startedAt, run: () => engine.admit(login) },
    { at: startedAt + 1_000, run: each((tab) => engine.admit(login, tab)) },
    show(true, startedAt + 2_000, names.slice(0, 1)),
  ];
  const touch = (at: number) => acts.push({ at, run: () => engine.touch([{ ...ref, at }]) });
  /** At work until then: busy, looking something up elsewhere, at lunch. */
  const work = (until: number) => {
    const lastSpell = until - random() * 40 * MINUTE;
    let at = Math.max(startedAt + 3_000, busyFrom);
    while (at < lastSpell) {
      for (const end = at + random() * 50 * MINUTE; at < Math.min(end, lastSpell); at += 40_000) touch(at);
      const back = Math.min(lastSpell, at + random() ** 2 * 40 * MINUTE);
      if (at < back && random() < 0.6)
        acts.push(show(false, at, names.slice(0, 1)), show(true, back, names.slice(0, 1)));
      at = back + 1_000;
    }
    for (; at < until; at += 40_000) touch(at);
  };

  if (kind < 0.45) {
    work(now - MINUTE);
    touch(now - random() * 50_000);
  } else if (kind < 0.62) {
    const last = now - MINUTE - random() ** 2 * 45 * MINUTE;
    work(last);
    touch(last);
  } else if (kind < 0.82) {
    const hiddenAt = now - 20_000 - random() ** 2 * 2 * HOUR;
    work(hiddenAt);
    touch(Math.max(startedAt, hiddenAt - random() * 60_000));
    acts.push(show(false, hiddenAt));
  } else {
    const leftAt = Math.max(startedAt + MINUTE, now - MINUTE - random() * 5 * HOUR);
    work(leftAt);
    touch(leftAt - random() * 60_000);
    acts.push(show(null, leftAt));
  }
  if (login.autoAssign && random() < 0.2)
    acts.push({
      at: now - random() * HOUR,
      run: () =>
        engine.setAvailability({ ...ref, available: false, by: { cause: 'agent', id: login.agent } }),
    });
  return { acts: acts.filter(({ at }) => at <= now), atWork: kind < 0.45 };
}

function loginOf(index: number, loginAt: number, random: () => number): Login {
  return {
    account: ACCOUNT,
    agent: personId(index),
    sid: `login-${index}`,
    loginAt,
    issuedAt: loginAt,
    name: personName(index),
    permissions: [],
    autoAssign: random() < 0.7,
  };
}

/** Those at work go on: so many of them touch a key each second, spread over it. Returns what stops it. */
export function keepWorking({ engine }: Stage, atWork: number[], perSecond: number): () => void {
  const random = seededRandom(11);
  const pieces = 10;
  const timer = setInterval(() => {
    const reports = Array.from({ length: Math.ceil(perSecond / pieces) }, () => {
      const index = atWork[Math.floor(random() * atWork.length)]!;
      return { account: ACCOUNT, agent: personId(index), sid: `login-${index}`, at: engine.now() };
    });
    void engine.touch(reports);
  }, 1_000 / pieces);
  return () => clearInterval(timer);
}
