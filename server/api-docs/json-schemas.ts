import { z } from 'zod';
import * as answers from '../../shared/answers.ts';
import * as messages from '../../shared/messages.ts';
import * as incoming from '../../shared/schemas.ts';

export type JsonSchema = Record<string, unknown>;

/** Every shape that stands under a name of its own in the documents, made of the very schemas that validate. */
const NAMED = {
  SessionView: answers.sessionView,
  Session: answers.sessionAnswer,
  SessionStatus: answers.sessionStatusAnswer,
  PolicySettings: incoming.policyBody,
  Policy: answers.policyAnswer,
  PreviewRequest: incoming.previewBody,
  Preview: answers.previewAnswer,
  LoginOptions: answers.loginOptionsAnswer,
  AgentPresence: answers.agentPresence,
  PresenceCounts: answers.presenceCounts,
  Agents: answers.agentsAnswer,
  AvailableAgents: answers.availableAgentsAnswer,
  AgentDetail: answers.agentDetail,
  AvailabilityRequest: incoming.availabilityRequest,
  Availability: answers.availabilityAnswer,
  PresenceHistory: answers.presenceHistoryAnswer,
  AgentTrail: answers.agentTrailAnswer,
  Event: answers.vigilEvent,
  Events: answers.eventsAnswer,
  DeadLetters: answers.deadLettersAnswer,
  Resending: answers.resendingAnswer,
  Alive: answers.aliveAnswer,
  Ready: answers.readyAnswer,
  Problem: answers.problem,
  ActivityReport: incoming.activityReport,
  FocusReport: incoming.focusReport,
  TokenRequest: incoming.tokenRequest,
  LogoutRequest: incoming.logoutRequest,
  SessionMessage: messages.sessionMessage,
  WarningMessage: messages.warningMessage,
  EndedMessage: messages.endedMessage,
  ExpiredMessage: messages.expiredMessage,
  ReconnectMessage: messages.reconnectMessage,
  OutdatedMessage: messages.outdatedMessage,
  SnapshotMessage: messages.snapshotMessage,
  ChangesMessage: messages.changesMessage,
  AvailabilityAck: messages.availabilityAck,
  TokenAck: messages.tokenAck,
  LogoutAck: messages.logoutAck,
  Refusal: messages.refusal,
  ConnectRefusal: messages.connectRefusal,
} as const;

export type SchemaName = keyof typeof NAMED;
const PLACE = '#/components/schemas/';

export const refTo = (name: SchemaName): JsonSchema => ({ $ref: PLACE + name });

/**
 * The named schemas that a document refers to, and those that they refer to. As of what goes in: nothing forbids fields
 * that are added later.
 */
export function schemasFor(document: unknown): Record<string, JsonSchema> {
  const all = allSchemas();
  const wanted = new Set<string>();
  const collect = (part: unknown): void => {
    for (const name of referredBy(part)) {
      if (wanted.has(name)) continue;
      wanted.add(name);
      collect(all[name]);
    }
  };
  collect(document);
  return Object.fromEntries([...wanted].sort().map((name) => [name, all[name]!]));
}

function allSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [name, schema] of Object.entries(NAMED)) registry.add(schema, { id: name });
  const { schemas } = z.toJSONSchema(registry, { uri: (name) => PLACE + name, io: 'input' });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema, $id, ...schema }]) => [name, schema as JsonSchema]),
  );
}

function referredBy(part: unknown): string[] {
  return [...JSON.stringify(part).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name]) => name!,
  );
}
