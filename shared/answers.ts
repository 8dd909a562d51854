import { z } from 'zod';
import { ERROR_STATUS, type ErrorCode } from './errors.ts';
import type { EventType, VigilEvent } from './events.ts';
import { MAX_TIMEOUT_SECONDS } from './policy.ts';
import type { AgentPresence, PresenceCounts, TrailStretch } from './presence.ts';
import type { SessionView } from './protocol.ts';
import { policyBody } from './schemas.ts';

/** What goes out over HTTP, and what sockets share with it. The types stay the truth: `satisfies` holds these to them. */

export const moment = z.number().describe('Epoch milliseconds of the engine clock');
export const reasonText = z
  .string()
  .describe('`timeout`, `logout`, `admin`, `lost`; clients accept values that they do not know yet');
const id = z.string().min(1).describe('1–128 characters of any Unicode but control characters');
const availableOrNull = z
  .boolean()
  .nullable()
  .describe('In auto-assignment: whether available; null for who takes no part in it');
const rememberMe = z.object({ agent: z.boolean(), requester: z.boolean() });

export const sessionView = z.object({
  rev: z.number().describe('Grows with every transition of the agent'),
  state: z.enum(['active', 'warning']),
  lastActivityAt: moment,
  deadlineAt: moment,
  endsAt: moment,
  warnAt: moment,
  timeoutMs: z.number(),
  leadMs: z.number(),
  available: availableOrNull,
}) satisfies z.ZodType<SessionView>;

export const sessionAnswer = sessionView.extend({
  serverTime: moment,
  agent: id,
  account: id,
  permissions: z.array(z.string()),
});

export const sessionStatusAnswer = z.union([
  z.object({ agent: id.nullable(), live: z.literal(true), startedAt: moment }),
  z.object({ agent: id.nullable(), live: z.literal(false), reason: reasonText, endedAt: moment }),
]);

export const policyAnswer = policyBody.extend({
  leadSeconds: z.number(),
  limits: z.object({ minSeconds: z.number(), maxSeconds: z.literal(MAX_TIMEOUT_SECONDS) }),
  updatedAt: moment.nullable(),
  updatedBy: id.nullable(),
});
export const previewAnswer = z.object({
  agents: z.number().describe('Agents with a live session'),
  dueNow: z.number().describe('Of these, whom that timeout would warn now'),
  dueWithinHour: z.number().describe('Of these, whom it would sign out within the hour'),
});
const remembered = z.object({ rememberMe: z.boolean() });
export const loginOptionsAnswer = z.object({ agent: remembered, requester: remembered });

export const presenceCounts = z.object({
  active: z.number(),
  idle: z.number(),
  background: z.number(),
  offline: z.number(),
}) satisfies z.ZodType<PresenceCounts>;

export const agentPresence = z.object({
  id,
  name: z.string().nullable(),
  state: z.enum(['active', 'idle', 'background', 'offline', 'signed_out']),
  stateSince: moment.nullable(),
  tabs: z.number(),
  sessions: z.number(),
  lastActivityAt: moment,
  deadlineAt: moment,
  endsAt: moment,
  warned: z.boolean(),
  available: availableOrNull,
}) satisfies z.ZodType<AgentPresence>;

export const agentsAnswer = z.object({
  agents: z.array(agentPresence),
  next: z.string().nullable().describe('The cursor of the next page; null after the last'),
  counts: presenceCounts.describe('Of the whole account'),
});
export const availableAgentsAnswer = z.object({
  agents: z.array(z.object({ id, name: z.string().nullable() })),
});
export const agentDetail = agentPresence.extend({
  logins: z.array(
    z.object({
      session: z.string().describe('A hash of the `sid`, never the `sid`'),
      startedAt: moment,
      tabs: z.array(z.object({ visible: z.boolean(), since: moment })),
    }),
  ),
});
export const availabilityAnswer = z.object({ available: z.boolean() });
export const presenceHistoryAnswer = z.object({
  stepSeconds: z.number(),
  points: z.array(presenceCounts.extend({ at: moment })),
});
export const agentTrailAnswer = z.object({
  stretches: z.array(
    z.object({
      state: z.enum(['active', 'idle', 'background', 'offline', 'signed_out', 'warned']),
      from: moment,
      until: moment,
    }) satisfies z.ZodType<TrailStretch>,
  ),
});
export const aliveAnswer = z.object({ status: z.literal('alive') });
export const readyAnswer = z.object({ status: z.literal('ready') });

export const problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.number(),
    code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string(),
    reason: reasonText.optional().describe('How the session ended, with `session_ended`'),
  })
  .describe('RFC 9457 problem details');

const cause = z.enum(['timeout', 'admin', 'agent']);
const by = id.optional().describe('Who did it, where a person did');
const settings = policyBody.extend({ rememberMe });

/** Complete by its type: an event type that is missing here does not compile. */
const DATA = {
  'session.started': z.object({ agent: id, session: id.describe('The `sid`'), loginAt: moment }),
  'session.warned': z.object({ agent: id, lastActivityAt: moment, deadlineAt: moment, endsAt: moment }),
  'session.resumed': z.object({ agent: id, lastActivityAt: moment, deadlineAt: moment }),
  'session.ended': z.object({
    agent: id,
    sessions: z.array(id).describe('The `sid`s that ended'),
    reason: z.enum(['timeout', 'logout', 'admin', 'lost']),
    inactivity: z.enum(['not_open', 'not_active_tab', 'no_input']).nullable(),
    lastActivityAt: moment,
    by,
  }),
  'agent.available': z.object({ agent: id, cause, by }),
  'agent.unavailable': z.object({ agent: id, cause, by }),
  'policy.changed': z.object({ by: id, before: settings, after: settings }),
  'access.refused': z.object({ by: id.nullable(), needs: z.string(), call: z.string() }),
  'audit.exported': z.object({ by: id, format: z.enum(['csv', 'json']) }),
} satisfies Record<EventType, z.ZodType>;

export const vigilEvent = z
  .union(
    (Object.keys(DATA) as EventType[]).map((type) =>
      z.object({ id: z.string(), type: z.literal(type), account: id, at: moment, data: DATA[type] }),
    ),
  )
  .describe('What happened; ids are unique and ordered within an account') satisfies z.ZodType<
  Pick<VigilEvent, 'id' | 'type' | 'account' | 'at'>
>;
export const deadLettersAnswer = z.object({
  deadLetters: z.array(
    z.object({
      event: vigilEvent,
      failedAt: moment.describe('When it was given up'),
      error: z.string().describe('Why the last attempt failed'),
      resending: z.boolean().describe('Whether it is waiting to be sent again'),
    }),
  ),
});
export const resendingAnswer = z.object({
  resending: z.number().describe('How many will be sent again'),
});
export const eventsAnswer = z.object({
  events: z.array(vigilEvent),
  next: z.string().nullable().describe('Where the next page goes on; null after the last'),
});
