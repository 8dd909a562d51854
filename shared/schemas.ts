import { z } from 'zod';

/** Runtime validation of what comes from outside, used by the server; the page imports types only (its size counts). */

const durationMs = z.number().finite().min(0);

export const activityReport = z.object({ idleMs: durationMs });
export const focusReport = z.object({
  visible: z.boolean(),
  focused: z.boolean(),
  sinceMs: durationMs.optional(),
});
export const availabilityRequest = z.object({ available: z.boolean() });
export const tokenRequest = z.object({ token: z.string().min(1) });
export const logoutRequest = z.looseObject({});

export const policyBody = z.object({
  timeoutSeconds: z.number().int(),
  rememberMe: z.object({ agent: z.boolean(), requester: z.boolean() }),
});
export const previewBody = z.object({ timeoutSeconds: z.number().int() });
