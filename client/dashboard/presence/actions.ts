import type { Board } from '../board.ts';
import { texts } from '../texts.ts';
import { errorText } from '../ui/states.tsx';

/** What is done to agents from here, one or many; each is asked for alone, and each answer counts. */
export interface Outcome {
  done: string[];
  failed: { id: string; error: unknown }[];
}

const AT_ONCE = 6;

export async function forEachAgent(
  ids: readonly string[],
  act: (id: string) => Promise<unknown>,
  onProgress: (done: number) => void = () => {},
): Promise<Outcome> {
  const outcome: Outcome = { done: [], failed: [] };
  const left = [...ids];
  const work = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      try {
        await act(id);
        outcome.done.push(id);
      } catch (error) {
        outcome.failed.push({ id, error });
      }
      onProgress(outcome.done.length + outcome.failed.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, work));
  return outcome;
}

const pathOf = (id: string) => `v1/agents/${encodeURIComponent(id)}`;

export async function signOut(
  { api, notices, claims }: Board,
  ids: readonly string[],
  onProgress: (done: number) => void = () => {},
): Promise<Outcome> {
  const isSelf = (id: string) => id === claims.value?.agent;
  const others = ids.filter((id) => !isSelf(id));
  const end = (id: string) => api.send('POST', `${pathOf(id)}/sign-out`);
  const outcome = await forEachAgent(others, end, onProgress);
  // Whoever signs out themselves, too, does so last: after it nothing more is allowed.
  const last = await forEachAgent(ids.filter(isSelf), end, (done) => onProgress(others.length + done));
  outcome.done.push(...last.done);
  outcome.failed.push(...last.failed);
  tell(notices, outcome, texts.action.signedOut);
  return outcome;
}

export async function setAvailability(
  { api, notices }: Board,
  ids: readonly string[],
  available: boolean,
): Promise<Outcome> {
  const outcome = await forEachAgent(ids, (id) =>
    api.send('PUT', `${pathOf(id)}/availability`, { body: { available } }),
  );
  tell(notices, outcome, available ? texts.action.madeAvailable : texts.action.madeUnavailable);
  return outcome;
}

function tell(notices: Board['notices'], { done, failed }: Outcome, said: (n: number) => string): void {
  if (done.length > 0) notices.say('good', said(done.length));
  const first = failed[0];
  if (first !== undefined) notices.say('bad', texts.action.failed(failed.length, errorText(first.error)));
}
