import { useEffect, useState } from 'preact/hooks';
import { useBoard } from '../board.ts';
import { texts } from '../texts.ts';
import { previewSentence } from './policy-form.ts';

const SETTLE_MS = 250;

/** Whom a timeout would sign out, asked when typing rests; null: there is nothing to ask. */
export function usePreview(timeoutSeconds: number | null, leadSeconds: number): string | null {
  const { api } = useBoard();
  const [sentence, setSentence] = useState<string | null>(null);

  useEffect(() => {
    if (timeoutSeconds === null) return setSentence(null);
    setSentence(texts.security.effectLoading);
    const abort = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        const { body } = await api.send<{ agents: number; dueNow: number; dueWithinHour: number }>(
          'POST',
          'v1/policy/preview',
          { body: { timeoutSeconds }, signal: abort.signal },
        );
        setSentence(previewSentence(body, leadSeconds));
      } catch {
        if (!abort.signal.aborted) setSentence(texts.security.effectFailed);
      }
    };
    const timer = setTimeout(() => void ask(), SETTLE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [api, timeoutSeconds, leadSeconds]);

  return sentence;
}
