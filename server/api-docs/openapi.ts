import { STATUS_CODES } from 'node:http';
import { ERROR_STATUS, type ErrorCode } from '../../shared/errors.ts';
import { PROTOCOL_VERSION } from '../../shared/protocol.ts';
import { refTo, schemasFor } from './json-schemas.ts';
import { GENERAL, OPERATIONS, type Operation, WITH_BODY, WITH_TOKEN } from './operations.ts';

/** All HTTP calls as OpenAPI 3.1. */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] ??= {};
    paths[operation.path]![operation.method] = describe(operation);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Vigil',
      version: PROTOCOL_VERSION,
      description:
        'Signs service desk agents out when nobody is there, and shows live who is. Times (`…At`, `serverTime`) are epoch milliseconds of the engine clock. Fields may be added within version 1; nothing is renamed or dropped.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: "The host's token for a login, or a service token of its backend",
        },
      },
      schemas: schemasFor(paths),
    },
  };
}

function describe(operation: Operation): Record<string, unknown> {
  const { method, path, summary, needs, parameters, body } = operation;
  return {
    operationId: operationId(method, path),
    summary,
    ...(needs === undefined ? {} : { description: `Needs ${needs}.` }),
    security: needs === undefined ? [] : [{ token: [] }],
    ...(parameters === undefined ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: refTo(body) } } } }),
    responses: { ...goodAnswer(operation), ...refusals(operation) },
  };
}

/** `put /v1/agents/{id}/availability` is `putAgentsIdAvailability`. */
function operationId(method: string, path: string): string {
  const words = path.replace(/^\/v1\//, '').match(/[A-Za-z]+/g) ?? [];
  return method + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

function goodAnswer({ path, answer, headers }: Operation): Record<string, unknown> {
  const described = Object.entries(headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  const fields = described.length === 0 ? {} : { headers: Object.fromEntries(described) };
  if (answer === undefined) return { 204: { description: 'Done', ...fields } };
  if (typeof answer !== 'string') {
    const { type, description } = answer;
    const schema = { type: type === 'application/json' ? 'object' : 'string' };
    return { 200: { description, ...fields, content: { [type]: { schema } } } };
  }
  const csv = path === '/v1/audit' ? { 'text/csv': { schema: { type: 'string' } } } : {};
  const content = { 'application/json': { schema: refTo(answer) }, ...csv };
  return { 200: { description: answer, ...fields, content } };
}

/** One answer for each status, with the codes that it may come with. */
function refusals({ needs, body, refuses = [] }: Operation): Record<string, unknown> {
  const codes = [
    ...GENERAL,
    ...(needs === undefined ? [] : WITH_TOKEN),
    ...(body === undefined ? [] : WITH_BODY),
    ...refuses,
  ];
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const status = ERROR_STATUS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const described = [...byStatus].map(([status, own]) => [
    status,
    {
      description: `${STATUS_CODES[status]}: ${own.map((code) => `\`${code}\``).join(', ')}`,
      content: { 'application/problem+json': { schema: refTo('Problem') } },
    },
  ]);
  return Object.fromEntries(described);
}
