import type { ErrorCode } from '../../shared/errors.ts';
import type { JsonSchema, SchemaName } from './json-schemas.ts';

export interface Parameter {
  name: string;
  in: 'query' | 'path' | 'header';
  description: string;
  required?: boolean;
  schema: JsonSchema;
}

export interface Operation {
  method: 'get' | 'put' | 'post' | 'delete';
  path: string;
  summary: string;
  /** Who may call; without it, anybody. */
  needs?: string;
  parameters?: Parameter[];
  body?: SchemaName;
  /** The answer where all went well; without it 204. */
  answer?: SchemaName | { type: string; description: string };
  headers?: Record<string, string>;
  /** What it may refuse with besides what any call may: see GENERAL. */
  refuses?: ErrorCode[];
}

/** What any call may be refused with, and any that takes a token. */
export const GENERAL: ErrorCode[] = ['bad_request', 'rate_limited', 'internal', 'unavailable'];
export const WITH_TOKEN: ErrorCode[] = [
  'token_missing',
  'token_invalid',
  'token_expired',
  'session_ended',
  'forbidden',
  'origin_denied',
];
export const WITH_BODY: ErrorCode[] = ['too_large', 'invalid'];

const MANAGE = '`manage_security`';
const VIEW = '`view_presence`';
const SERVICE = 'a service token with `manage_security`';
const LIVE = 'a live session';
const TEXT = { type: 'string' };
const MOMENT = { type: 'integer', minimum: 0 };
const PLAIN = (type: string, description: string) => ({ type, description });

const query = (name: string, description: string, schema: JsonSchema = TEXT): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});
const ofPath = (name: string, description: string): Parameter => ({
  name,
  in: 'path',
  description,
  required: true,
  schema: TEXT,
});
const LIMIT = query('limit', 'Entries in a page; more than the most is cut down to it', {
  type: 'integer',
  minimum: 1,
});
const AGENT = ofPath('id', 'Id of the agent');
const SID = ofPath('sid', 'The `sid` of a login');
const EVENT_FILTER = [
  query('type', 'Types of events, comma-separated'),
  query('agent', 'Only events of this agent'),
];

/** Every call of section 6, and what was added to it. A test holds this to the routes of the server. */
export const OPERATIONS: Operation[] = [
  {
    method: 'get',
    path: '/v1/policy',
    summary: 'The policy of the account',
    needs: MANAGE,
    answer: 'Policy',
    headers: { ETag: 'The version of the policy, for `If-Match`' },
  },
  {
    method: 'put',
    path: '/v1/policy',
    summary: 'Saves the policy, in force for live sessions at once',
    needs: MANAGE,
    parameters: [
      {
        name: 'If-Match',
        in: 'header',
        description: 'The version that is to be replaced; else 412',
        schema: TEXT,
      },
    ],
    body: 'PolicySettings',
    answer: 'Policy',
    headers: { ETag: 'The new version' },
    refuses: ['precondition_failed', 'out_of_range'],
  },
  {
    method: 'post',
    path: '/v1/policy/preview',
    summary: 'Whom a timeout would sign out, if nobody did anything',
    needs: MANAGE,
    body: 'PreviewRequest',
    answer: 'Preview',
    refuses: ['out_of_range'],
  },
  {
    method: 'get',
    path: '/v1/login-options',
    summary: 'What the login page offers; the defaults for an unknown account',
    parameters: [{ ...query('account', 'Id of the account'), required: true }],
    answer: 'LoginOptions',
  },
  {
    method: 'get',
    path: '/v1/session',
    summary: "The caller's session",
    needs: LIVE,
    answer: 'Session',
  },
  { method: 'delete', path: '/v1/session', summary: 'Ends the `sid` of the token', needs: LIVE },
  {
    method: 'get',
    path: '/v1/verify',
    summary: 'Forward-auth: whether the session is alive. May also take the token from `VIGIL_VERIFY_COOKIE`',
    needs: LIVE,
    headers: {
      'X-Vigil-Agent': 'Id of the agent, percent-encoded',
      'X-Vigil-Account': 'Id of the account, percent-encoded',
      'X-Vigil-Session': 'The `sid`, percent-encoded',
    },
  },
  {
    method: 'get',
    path: '/v1/sessions/{sid}',
    summary: 'Whether a login is alive',
    needs: SERVICE,
    parameters: [SID],
    answer: 'SessionStatus',
    refuses: ['not_found'],
  },
  {
    method: 'delete',
    path: '/v1/sessions/{sid}',
    summary: "The host's own logout: ends this login; one that was never seen is refused from then on",
    needs: SERVICE,
    parameters: [SID],
    refuses: ['not_found'],
  },
  {
    method: 'get',
    path: '/v1/agents',
    summary: 'Agents with a live session, page by page',
    needs: VIEW,
    parameters: [
      query('state', 'Only agents in this state', {
        type: 'string',
        enum: ['active', 'idle', 'background', 'offline'],
      }),
      query('cursor', '`next` of the page before'),
      LIMIT,
    ],
    answer: 'Agents',
  },
  {
    method: 'get',
    path: '/v1/agents/available',
    summary: 'Who may be assigned to: in auto-assignment, available, session alive',
    needs: VIEW,
    answer: 'AvailableAgents',
  },
  {
    method: 'get',
    path: '/v1/agents/{id}',
    summary: 'One agent with its sessions; also 31 days after their end',
    needs: VIEW,
    parameters: [AGENT],
    answer: 'AgentDetail',
    refuses: ['not_found'],
  },
  {
    method: 'get',
    path: '/v1/agents/{id}/trail',
    summary: 'The states of an agent over the last day, as far as they were recorded, oldest first',
    needs: VIEW,
    parameters: [AGENT],
    answer: 'AgentTrail',
    refuses: ['not_found'],
  },
  {
    method: 'post',
    path: '/v1/agents/{id}/sign-out',
    summary: 'Ends all sessions of an agent with reason `admin`',
    needs: MANAGE,
    parameters: [AGENT],
    refuses: ['not_found'],
  },
  {
    method: 'put',
    path: '/v1/agents/{id}/availability',
    summary: 'Sets an agent available for auto-assignment, or not',
    needs: `${MANAGE}, or the agent`,
    parameters: [AGENT],
    body: 'AvailabilityRequest',
    answer: 'Availability',
    refuses: ['not_found', 'not_participating'],
  },
  {
    method: 'get',
    path: '/v1/audit',
    summary: 'The audit log, newest first; `Accept: text/csv` exports it',
    needs: MANAGE,
    parameters: [
      query('cursor', '`next` of the page before'),
      LIMIT,
      ...EVENT_FILTER,
      query('from', 'Nothing older than this moment (epoch ms)', MOMENT),
      query('to', 'Nothing newer than this moment (epoch ms)', MOMENT),
      query('export', 'Says that this is the first page of an export: it is noted in the log'),
    ],
    answer: 'Events',
  },
  {
    method: 'get',
    path: '/v1/events',
    summary: 'The same events, oldest first: catching up without webhooks',
    needs: SERVICE,
    parameters: [query('after', 'Id of the event that was read last'), LIMIT, ...EVENT_FILTER],
    answer: 'Events',
  },
  {
    method: 'get',
    path: '/v1/presence/history',
    summary: 'How many agents were in which state, over the last hour or day',
    needs: VIEW,
    parameters: [
      query('range', 'Default: `hour`', { type: 'string', enum: ['hour', 'day'], default: 'hour' }),
    ],
    answer: 'PresenceHistory',
  },
  {
    method: 'get',
    path: '/v1/webhooks/dead-letters',
    summary: 'Webhooks that were given up, oldest first',
    needs: SERVICE,
    answer: 'DeadLetters',
  },
  {
    method: 'post',
    path: '/v1/webhooks/dead-letters/resend',
    summary: 'Sends all dead letters of the account once more; those that are not taken stay',
    needs: SERVICE,
    answer: 'Resending',
  },
  { method: 'get', path: '/healthz', summary: 'Alive', answer: 'Alive' },
  { method: 'get', path: '/readyz', summary: 'Ready: the engine answers', answer: 'Ready' },
  {
    method: 'get',
    path: '/metrics',
    summary: 'For Prometheus',
    needs: '`VIGIL_METRICS_TOKEN` where it is set, else a caller on this machine',
    answer: PLAIN('text/plain', 'Prometheus text format'),
  },
  {
    method: 'get',
    path: '/vigil.js',
    summary: 'The browser SDK, IIFE',
    answer: PLAIN('text/javascript', 'Defines `window.Vigil`'),
    refuses: ['not_found'],
  },
  {
    method: 'get',
    path: '/vigil.mjs',
    summary: 'The browser SDK, ES module',
    answer: PLAIN('text/javascript', 'An ES module'),
    refuses: ['not_found'],
  },
  {
    method: 'get',
    path: '/dashboard/',
    summary: "The admin's page",
    answer: PLAIN('text/html', 'A page; its data needs a token, handed over by `postMessage`'),
    refuses: ['not_found'],
  },
  {
    method: 'get',
    path: '/openapi.json',
    summary: 'This document',
    answer: PLAIN('application/json', 'OpenAPI 3.1'),
  },
  {
    method: 'get',
    path: '/asyncapi.json',
    summary: 'The sockets of both namespaces',
    answer: PLAIN('application/json', 'AsyncAPI 3'),
  },
];
