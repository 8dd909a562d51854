import { z } from 'zod';
import { asyncApiDocument } from '../../server/api-docs/asyncapi.ts';
import { openApiDocument } from '../../server/api-docs/openapi.ts';

// biome-ignore lint/suspicious/noExplicitAny: documents of JSON, walked by hand
type Json = any;

/** An answer or a message that is not as the documents say. */
export class NotAsDocumented extends Error {}

let shapes: Shapes | undefined;

/** Throws where an answer of a node is not as OpenAPI says. Paths outside the interface are passed over. */
export function expectDocumentedAnswer(
  method: string,
  path: string,
  answer: { status: number; type: string; body: unknown },
): void {
  shapes ??= new Shapes();
  shapes.answer(method.toLowerCase(), path.replace(/[?#].*/, ''), answer);
}

/** Throws where a message of a socket, or an acknowledgement, is not as AsyncAPI says. */
export function expectDocumentedMessage(
  channel: 'tab' | 'presence',
  event: string,
  payload: unknown,
  { isAck = false } = {},
): void {
  shapes ??= new Shapes();
  shapes.message(channel, event, payload, isAck);
}

class Shapes {
  readonly #openapi: Json = openApiDocument();
  readonly #asyncapi: Json = asyncApiDocument();
  readonly #validators = new Map<Json, z.ZodType>();
  readonly #patterns = Object.keys(this.#openapi.paths).map((path) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
    // What is spelled out goes before what is a parameter.
    isExact: !path.includes('{'),
  }));

  answer(
    method: string,
    path: string,
    { status, type, body }: { status: number; type: string; body: unknown },
  ): void {
    const matching = this.#patterns.filter(({ pattern }) => pattern.test(path));
    const known = matching.find(({ isExact }) => isExact) ?? matching[0];
    const operation = known && this.#openapi.paths[known.path][method];
    if (operation === undefined) {
      if (path.startsWith('/v1/') && status < 400) throw new NotAsDocumented(`${method} ${path} is unknown`);
      return;
    }
    const what = `${method} ${path} → ${status} ${type}`;
    const response = operation.responses[status];
    if (response === undefined) throw new NotAsDocumented(`${what}: no such status`);
    if (response.content === undefined) {
      if (body !== '') throw new NotAsDocumented(`${what}: has a body`);
      return;
    }
    const media = response.content[type.replace(/;.*/, '').trim()];
    if (media === undefined) throw new NotAsDocumented(`${what}: no such type`);
    if (/json/.test(type) && !/^\/(open|async)api/.test(path))
      this.#check(media.schema, this.#openapi, body, what);
  }

  message(channel: string, event: string, payload: unknown, isAck: boolean): void {
    const message = this.#asyncapi.channels[channel].messages[event];
    if (message === undefined) throw new NotAsDocumented(`${channel}: ${event} is unknown`);
    const schema = isAck ? message['x-ack'] : message.payload;
    this.#check(schema, this.#asyncapi, payload, `${channel}: ${event}`);
  }

  #check(schema: Json, document: Json, value: unknown, what: string): void {
    let validator = this.#validators.get(schema);
    if (validator === undefined) {
      validator = z.fromJSONSchema(closed(schema, document));
      this.#validators.set(schema, validator);
    }
    const { success, error } = validator.safeParse(value);
    if (!success) throw new NotAsDocumented(`${what}: ${JSON.stringify(value)}\n${z.prettifyError(error)}`);
  }
}

/** The schema with its references in place, and nothing allowed that it does not name. */
function closed(schema: Json, document: Json): Json {
  if (Array.isArray(schema)) return schema.map((part) => closed(part, document));
  if (schema === null || typeof schema !== 'object') return schema;
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').at(-1);
    return closed(document.components.schemas[name], document);
  }
  const parts = Object.fromEntries(
    Object.entries(schema).map(([key, part]) => [key, closed(part, document)]),
  );
  return schema.type === 'object' && schema.additionalProperties === undefined
    ? { ...parts, additionalProperties: false }
    : parts;
}
