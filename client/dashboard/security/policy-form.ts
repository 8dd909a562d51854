import type { PolicySettings } from '../../../shared/policy.ts';
import { longDuration } from '../core/moments.ts';
import { texts } from '../texts.ts';

/** What `GET /v1/policy` answers. */
export interface PolicyBody extends PolicySettings {
  leadSeconds: number;
  limits: { minSeconds: number; maxSeconds: number };
  updatedAt: number | null;
  updatedBy: string | null;
}

/** The form as it is typed. `value` stays text until it is judged. */
export interface PolicyDraft {
  value: string;
  unit: number;
  rememberMe: { agent: boolean; requester: boolean };
}

export const MINUTE = 60;
export const HOUR = 3_600;
export const DAY = 86_400;
const PRESENTED = [HOUR, MINUTE, 1];

export function draftOf(settings: PolicySettings): PolicyDraft {
  return { ...amountOf(settings.timeoutSeconds), rememberMe: { ...settings.rememberMe } };
}

/** A length as value and unit: days from two on, else the largest unit that divides it. */
export function amountOf(seconds: number): { value: string; unit: number } {
  const units = seconds >= 2 * DAY ? [DAY, ...PRESENTED] : PRESENTED;
  const unit = units.find((one) => seconds % one === 0) ?? 1;
  return { value: String(seconds / unit), unit };
}

/** Units to choose from; seconds only where a server for tests allows so short a time, or one is set already. */
export function unitsFor(policy: PolicyBody, draft: PolicyDraft): number[] {
  const seconds =
    policy.limits.minSeconds % MINUTE !== 0 || policy.limits.minSeconds < 15 * MINUTE || draft.unit === 1;
  return [...(seconds ? [1] : []), MINUTE, HOUR, DAY];
}

export type Judgement = { ok: true; settings: PolicySettings } | { ok: false; problem: string };

export function judgeDraft(draft: PolicyDraft, { limits }: PolicyBody): Judgement {
  const text = draft.value.trim();
  if (!/^\d{1,9}$/.test(text)) return { ok: false, problem: texts.security.notANumber };
  const timeoutSeconds = Number(text) * draft.unit;
  if (timeoutSeconds < limits.minSeconds || timeoutSeconds > limits.maxSeconds) {
    const [least, most] = [limits.minSeconds, limits.maxSeconds].map(longDuration);
    return { ok: false, problem: texts.security.outOfRange(least!, most!) };
  }
  return { ok: true, settings: { timeoutSeconds, rememberMe: draft.rememberMe } };
}

export function sameSettings(a: PolicySettings, b: PolicySettings): boolean {
  return (
    a.timeoutSeconds === b.timeoutSeconds &&
    a.rememberMe.agent === b.rememberMe.agent &&
    a.rememberMe.requester === b.rememberMe.requester
  );
}

/** What is to be said against a timeout, plainly; null where nothing is. */
export function caution(timeoutSeconds: number): string | null {
  if (timeoutSeconds > DAY) return texts.security.warnDay;
  if (timeoutSeconds > HOUR) return texts.security.warnNist;
  return timeoutSeconds > 15 * MINUTE ? texts.security.warnPci : null;
}

export interface Preset {
  seconds: number;
  title: string;
  why: string;
}

export function presetsFor({ limits }: PolicyBody): Preset[] {
  const words = texts.security;
  const all: Preset[] = [
    { seconds: 2 * MINUTE, ...words.presetTrial },
    { seconds: 15 * MINUTE, ...words.preset15 },
    { seconds: HOUR, ...words.preset60 },
    { seconds: DAY, ...words.preset24h },
    { seconds: 30 * DAY, ...words.preset30d },
  ];
  return all.filter(({ seconds }) => seconds >= limits.minSeconds && seconds <= limits.maxSeconds);
}

/** What saving would do to those who are signed in, in a sentence. */
export function previewSentence(
  preview: { agents: number; dueNow: number; dueWithinHour: number },
  leadSeconds: number,
): string {
  const words = texts.security;
  if (preview.agents === 0) return words.effectNoAgents;
  if (preview.dueNow === 0 && preview.dueWithinHour === 0) return words.effectNobody;
  const lead = leadSeconds === MINUTE ? texts.time.aMinute : longDuration(leadSeconds);
  return words.effectPreview(preview.dueNow, preview.dueWithinHour, lead);
}
