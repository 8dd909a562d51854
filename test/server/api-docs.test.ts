import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asyncApiDocument, NAMESPACES } from '../../server/api-docs/asyncapi.ts';
import { openApiDocument } from '../../server/api-docs/openapi.ts';
import { createHttpApp } from '../../server/http/app.ts';
import type { HttpContext } from '../../server/http/context.ts';
import { expectDocumentedAnswer, expectDocumentedMessage, NotAsDocumented } from '../support/api-shapes.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { PROJECT } from '../support/node-process.ts';
import { Office } from './http/office.ts';

// biome-ignore lint/suspicious/noExplicitAny: documents of JSON, walked by hand
type Json = any;

/** Routes that are no calls: other names of the page, and what debuggers load. */
const NO_CALLS = ['/dashboard/index.html', '/vigil.js.map', '/vigil.mjs.map'];

describe('the documents of the interface', () => {
  const cleanup = cleanupAfterEach();
  const openapi: Json = openApiDocument();
  const asyncapi: Json = asyncApiDocument();

  it('name every route of the server, and no other', () => {
    const documented = Object.entries<Json>(openapi.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    expect(documented.sort()).to.deep.equal([...new Set(routesOf(appOf()))].sort());
  });

  it('name every event of both sockets, and no other', () => {
    const protocol = readFileSync(join(PROJECT, 'shared/protocol.ts'), 'utf8');
    const typed = (name: string) =>
      [
        ...(protocol.match(new RegExp(`interface ${name} \\{(.*?)\\n\\}`, 's'))?.[1] ?? '').matchAll(
          /^ {2}(\w+):/gm,
        ),
      ]
        .map(([, event]) => event)
        .sort();
    const [tab, presence] = NAMESPACES;
    const names = (events: { name: string }[]) => events.map(({ name }) => name).sort();
    expect(names(tab!.says)).to.deep.equal(typed('TabToServer'));
    expect(names(tab!.hears)).to.deep.equal(typed('ServerToTab'));
    expect(names(presence!.hears)).to.deep.equal(typed('ServerToDashboard'));
  });

  it('refer to nothing that is not there, and hold nothing that is not referred to', () => {
    for (const document of [openapi, asyncapi]) {
      const text = JSON.stringify(document);
      const refs = new Set(
        [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name),
      );
      const named = Object.keys(document.components.schemas);
      // A channel says how it refuses by an extension, which is a reference all the same.
      expect([...refs].sort()).to.deep.equal(named.sort());
    }
  });

  it('have an id of its own for each operation, and describe every parameter of a path', () => {
    const operations = Object.entries<Json>(openapi.paths).flatMap(([path, methods]) =>
      Object.values<Json>(methods).map((operation) => ({ path, operation })),
    );
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).to.equal(ids.length);
    for (const { path, operation } of operations) {
      const inPath = (operation.parameters ?? []).filter((parameter: Json) => parameter.in === 'path');
      expect(
        inPath.map(({ name }: Json) => `{${name}}`),
        path,
      ).to.deep.equal(path.match(/\{\w+\}/g) ?? []);
    }
  });

  it('are served to any page, and are those in docs/ (npm run docs:api)', async () => {
    const office = cleanup.using(await Office.open());
    for (const [file, made] of [
      ['openapi.json', openapi],
      ['asyncapi.json', asyncapi],
    ]) {
      const { status, headers, body } = await office
        .stranger()
        .get(`/${file}`, { origin: 'https://anywhere.example' });
      expect(status).to.equal(200);
      expect(headers.get('access-control-allow-origin')).to.equal('*');
      const plain = JSON.parse(JSON.stringify(made));
      expect(body).to.deep.equal(plain);
      expect(
        JSON.parse(readFileSync(join(PROJECT, 'docs', file), 'utf8')),
        `docs/${file} is out of date`,
      ).to.deep.equal(plain);
    }
  });

  it('hold what tests see to them: another status, type, field or message does not pass', () => {
    const json = 'application/json; charset=utf-8';
    const answer = (status: number, type: string, body: unknown) => () =>
      expectDocumentedAnswer('GET', '/v1/agents/available?x=1', { status, type, body });
    expect(answer(200, json, { agents: [{ id: 'ann', name: null }] })).to.not.throw();
    expect(answer(200, json, { agents: [{ id: 'ann', name: null, sid: 'x' }] })).to.throw(NotAsDocumented);
    expect(answer(200, json, { agents: [{ id: 'ann' }] })).to.throw(NotAsDocumented);
    expect(answer(200, 'text/plain', '')).to.throw(NotAsDocumented);
    expect(answer(418, json, {})).to.throw(NotAsDocumented);
    const told = (event: string, payload: unknown) => () => expectDocumentedMessage('tab', event, payload);
    expect(told('reconnect', { afterMs: 1 })).to.not.throw();
    expect(told('reconnect', { afterMs: 1, why: '' })).to.throw(NotAsDocumented);
    expect(told('snapshot', {})).to.throw(NotAsDocumented);
  });
});

/** `get /v1/agents/{id}` for each route of an app. */
function routesOf({ stack }: Json): string[] {
  return stack.flatMap(({ route, handle }: Json) => {
    if (route === undefined) return Array.isArray(handle.stack) ? routesOf(handle) : [];
    const paths = [route.path].flat().filter((path) => typeof path === 'string' && !NO_CALLS.includes(path));
    const methods = Object.keys(route.methods);
    return paths.flatMap((path: string) =>
      methods.map((method) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
    );
  });
}

function appOf(): Json {
  const context = { allowedOrigins: [], assetsDir: '/nowhere' } as unknown as HttpContext;
  return createHttpApp(context).router;
}
