import type { EngineHarness } from '../engine/harness.ts';
import type { Action, History } from './history.ts';
import type { Judge } from './judge.ts';
import * as people from './people.ts';
import { Stage } from './stage.ts';
import * as time from './time.ts';

/** Plays a history to its end; throws a Violation where the engine breaks a rule. Answers who heard all that it told. */
export async function play(harness: EngineHarness, history: History): Promise<Judge> {
  const stage = new Stage(harness);
  for (const [account, seconds] of history.timeouts.entries()) {
    await act(stage, { do: 'policy', account, seconds });
  }
  for (const action of history.actions) await act(stage, action);
  await stage.checkEnd();
  return stage.judge;
}

/** One action, and everything checked after it. */
async function act(stage: Stage, action: Action): Promise<void> {
  await perform(stage, action);
  await stage.checkStep();
}

function perform(stage: Stage, action: Action): Promise<void> {
  switch (action.do) {
    case 'login':
      return people.login(stage, action);
    case 'present':
      return people.present(stage, action);
    case 'impersonate':
      return people.impersonate(stage, action);
    case 'type':
      return people.type(
        stage,
        Array.from({ length: action.times }, () => action),
      );
    case 'tab':
      return people.tab(stage, action);
    case 'logout':
      return people.logout(stage, action);
    case 'logout-unseen':
      return people.logoutUnseen(stage, action);
    case 'sign-out':
      return people.signOut(stage, action);
    case 'availability':
      return people.availability(stage, action);
    case 'policy':
      return people.policy(stage, action);
    case 'mistake':
      return time.mistake(stage, action);
    case 'pass':
      return time.pass(stage, action.ms);
    case 'pass-to':
      return time.passTo(stage, action);
    case 'stall':
      return time.stall(stage, action);
    case 'step':
      return time.step(stage, action.ms);
    case 'sweep':
      return time.sweepTogether(stage, action.times);
    case 'restart':
      return time.restart(stage, action);
    case 'look':
      return stage.checkFeed(action.account);
  }
}
