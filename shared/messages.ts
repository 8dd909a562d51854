import { z } from 'zod';
import { agentPresence, moment, presenceCounts, reasonText, sessionView } from './answers.ts';
import type { AckErrorCode, ConnectErrorCode } from './errors.ts';
import type {
  AvailabilityAck,
  ChangesMessage,
  LogoutAck,
  OutdatedMessage,
  ReconnectMessage,
  SessionMessage,
  SnapshotMessage,
  TokenAck,
  WarningMessage,
} from './protocol.ts';

/** What goes out on the sockets of both namespaces. The types of protocol.ts stay the truth: `satisfies` holds these to them. */

export const sessionMessage = sessionView.extend({ serverTime: moment }) satisfies z.ZodType<SessionMessage>;
export const warningMessage = z.object({
  rev: z.number(),
  deadlineAt: moment,
  endsAt: moment,
  serverTime: moment,
}) satisfies z.ZodType<WarningMessage>;
export const endedMessage = z.object({ rev: z.number(), reason: reasonText, endedAt: moment });
export const expiredMessage = z.object({});
export const reconnectMessage = z.object({
  afterMs: z.number().min(0).describe('This node is going away: connect again after so long'),
}) satisfies z.ZodType<ReconnectMessage>;

export const outdatedMessage = z.object({
  protocol: z.string().describe('The version of the protocol that this server speaks'),
}) satisfies z.ZodType<OutdatedMessage>;

export const snapshotMessage = z.object({
  agents: z.array(agentPresence),
  counts: presenceCounts,
  serverTime: moment,
  more: z.boolean().describe('False in the last piece'),
}) satisfies z.ZodType<SnapshotMessage>;
export const changesMessage = z.object({
  agents: z.array(agentPresence),
  removed: z.array(z.string()),
  counts: presenceCounts,
  serverTime: moment,
}) satisfies z.ZodType<ChangesMessage>;

/** Complete by their types: a code that is missing here does not compile. */
const ACK_CODES: Record<AckErrorCode, true> = {
  bad_payload: true,
  not_participating: true,
  rate_limited: true,
  unavailable: true,
  session_ended: true,
  token_invalid: true,
  token_expired: true,
};
const CONNECT_CODES: Record<ConnectErrorCode, true> = {
  token_missing: true,
  token_invalid: true,
  token_expired: true,
  session_ended: true,
  origin_denied: true,
  rate_limited: true,
  forbidden: true,
  unavailable: true,
};
const keysOf = <K extends string>(codes: Record<K, true>) => Object.keys(codes) as [K, ...K[]];

export const refusal = z.object({ ok: z.literal(false), code: z.enum(keysOf(ACK_CODES)) });
export const availabilityAck = z.union([
  z.object({ ok: z.literal(true), available: z.boolean() }),
  refusal,
]) satisfies z.ZodType<AvailabilityAck>;
export const tokenAck = z.union([
  z.object({ ok: z.literal(true), expiresAt: moment }),
  refusal,
]) satisfies z.ZodType<TokenAck>;
export const logoutAck = z.union([z.object({ ok: z.literal(true) }), refusal]) satisfies z.ZodType<LogoutAck>;
export const connectRefusal = z
  .object({ code: z.enum(keysOf(CONNECT_CODES)), reason: reasonText.optional() })
  .describe('`data` of a `connect_error`');
