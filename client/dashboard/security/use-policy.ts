import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useBoard } from '../board.ts';
import { ApiError } from '../core/api.ts';
import { texts } from '../texts.ts';
import { draftOf, judgeDraft, type PolicyBody, type PolicyDraft, sameSettings } from './policy-form.ts';

interface Saved {
  policy: PolicyBody;
  etag: string | null;
}

export interface PolicyEditing {
  saved: Saved | null;
  draft: PolicyDraft | null;
  /** What somebody else saved while this was being edited; nothing is overwritten until it was looked at. */
  conflict: Saved | null;
  loadError: unknown;
  saveError: unknown;
  saving: boolean;
  changed: boolean;
  edit(change: Partial<PolicyDraft>): void;
  discard(): void;
  save(): Promise<void>;
  takeTheirs(): void;
  keepMine(): Promise<void>;
  load(): void;
}

/** Changes made elsewhere appear by themselves; a new timeout at once, by what this page's own session is told. */
const LOOK_EVERY_MS = 10_000;

/** The policy, and the form that edits it. */
export function usePolicy(): PolicyEditing {
  const { api, timing, notices } = useBoard();
  const [saved, setSaved] = useState<Saved | null>(null);
  const [draft, setDraft] = useState<PolicyDraft | null>(null);
  const [conflict, setConflict] = useState<Saved | null>(null);
  const [loadError, setLoadError] = useState<unknown>(null);
  const [saveError, setSaveError] = useState<unknown>(null);
  const [saving, setSaving] = useState(false);

  const changed = saved !== null && draft !== null && isChanged(draft, saved.policy);
  const now = useRef({ saved, changed, saving });
  now.current = { saved, changed, saving };

  const take = useCallback((next: Saved): void => {
    setSaved(next);
    setDraft(draftOf(next.policy));
    setConflict(null);
    setSaveError(null);
  }, []);

  const read = useCallback(async (): Promise<Saved> => {
    const { body, etag } = await api.get<PolicyBody>('v1/policy');
    return { policy: body, etag };
  }, [api]);

  const load = useCallback(async (): Promise<void> => {
    try {
      const next = await read();
      const { saved: known, changed: edited, saving: underWay } = now.current;
      setLoadError(null);
      if (underWay) return;
      if (known === null || !edited) {
        // The same again must not take the form from under somebody's hands.
        if (known === null || known.etag !== next.etag || !sameSettings(known.policy, next.policy))
          take(next);
      } else if (known.etag !== next.etag) setConflict(next);
    } catch (error) {
      if (now.current.saved === null) setLoadError(error);
    }
  }, [read, take]);

  const timeoutMs = timing.value?.timeoutMs;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another timeout in force: the policy was changed
  useEffect(() => {
    void load();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void load();
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [load, timeoutMs]);

  async function saveOver(base: Saved): Promise<void> {
    const judged = judgeDraft(draft!, base.policy);
    if (!judged.ok) return;
    setSaving(true);
    setSaveError(null);
    try {
      const { body, etag } = await api.send<PolicyBody>('PUT', 'v1/policy', {
        body: judged.settings,
        headers: base.etag === null ? {} : { 'if-match': base.etag },
      });
      take({ policy: body, etag });
      notices.say('good', texts.security.saved);
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) setConflict(await read().catch(() => base));
      else setSaveError(error);
    } finally {
      setSaving(false);
    }
  }

  return {
    saved,
    draft,
    conflict,
    loadError,
    saveError,
    saving,
    changed,
    edit: (change) => setDraft((known) => known && { ...known, ...change }),
    discard: () => saved && take(saved),
    async save() {
      if (saved !== null) await saveOver(saved);
    },
    takeTheirs: () => conflict && take(conflict),
    async keepMine() {
      if (conflict === null) return;
      setSaved(conflict);
      setConflict(null);
      await saveOver(conflict);
    },
    load: () => void load(),
  };
}

function isChanged(draft: PolicyDraft, policy: PolicyBody): boolean {
  const judged = judgeDraft(draft, policy);
  return !judged.ok || !sameSettings(judged.settings, policy);
}
