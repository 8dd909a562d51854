import { METHODS } from 'node:http';
import fc from 'fast-check';
import { OPERATIONS } from '../../server/api-docs/operations.ts';
import { jsonOf, nearly, ODD_NAMES, oddValue } from './values.ts';

/** A request as it goes over the wire, but for the token, which is made when it is sent. */
export interface HttpCase {
  kind: 'http';
  method: string;
  path: string;
  headers: [string, string][];
  token: TokenKind;
  body: string | null;
}

export type TokenKind =
  | 'none'
  | 'agent'
  | 'looker'
  | 'manager'
  | 'service'
  | 'forged'
  | 'expired'
  | 'garbage';
export const tokenKind = fc.constantFrom<TokenKind>(
  'agent',
  'looker',
  'manager',
  'manager',
  'service',
  'service',
  'none',
  'forged',
  'expired',
  'garbage',
);

/** The demo desk and what else answers on the port. */
const OTHER_PATHS = [
  '/',
  '/login',
  '/logout',
  '/desk',
  '/desk/tickets',
  '/desk/tickets/1001',
  '/desk/tickets/1001/reply',
  '/desk/tickets/1001/draft',
  '/desk/token',
  '/desk/simulate',
  '/desk/manage/general/security/session',
  '/help',
  '/help/login',
  '/help/tickets',
  '/dashboard',
  '/dashboard/index.html',
  '/dashboard/assets/none.js',
  '/vigil.js.map',
  '/socket.io/?EIO=4&transport=polling',
  '/socket.io/?EIO=4&transport=polling&sid=__proto__',
  '/socket.io/?EIO=3&transport=websocket',
  '/socket.io/',
  '/v1',
  '/nothing',
];

const id = fc.oneof(
  fc.constantFrom('fuzz-agent-1', 'fuzz-manager-1', ...ODD_NAMES),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const encoded = id.map((text) => {
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ED%A0%80';
  }
});
const segment = fc.oneof(
  { weight: 5, arbitrary: encoded },
  { weight: 1, arbitrary: fc.constantFrom('%', '%ff', '%E0%A4', '%00', '%2e%2e', '..', 'a/b', ';x=1') },
);

const documented = fc.constantFrom(...OPERATIONS).chain((operation) => {
  const names = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query')
    .map(({ name }) => name);
  const parameter = fc.tuple(
    fc.constantFrom(...names, 'limit', 'cursor', '__proto__', 'account', 'state[$ne]'),
    fc.oneof(
      encoded,
      fc.constantFrom(
        '1',
        '0',
        '-1',
        '1e9',
        '99999999999',
        'hour',
        'session.ended',
        'active',
        '1700000000000',
        'a&a=b',
      ),
    ),
  );
  return fc.tuple(segment, fc.array(parameter, { maxLength: 3 })).map(([part, query]) => ({
    method: operation.method.toUpperCase(),
    path:
      operation.path.replace(/\{\w+\}/g, part) +
      (query.length > 0 ? `?${query.map((pair) => pair.join('=')).join('&')}` : ''),
  }));
});
const other = fc
  .tuple(fc.constantFrom(...OTHER_PATHS), fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'), fc.option(segment))
  .map(([path, method, more]) => ({ method, path: more === null ? path : `${path}/${more}` }));
const target = fc.oneof(
  { weight: 6, arbitrary: documented },
  { weight: 3, arbitrary: other },
  {
    weight: 1,
    arbitrary: fc.record({
      method: fc.constantFrom(...METHODS),
      path: fc.constantFrom('/v1/policy', '/v1/session', '/socket.io/', '/login'),
    }),
  },
);

const HEADERS: Record<string, string[]> = {
  'content-type': [
    'application/json',
    'text/plain',
    'application/json; charset=utf-99',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
  ],
  'content-encoding': ['gzip', 'br', 'identity', 'x'],
  accept: ['text/csv', '*/*', 'text/csv;q=2, application/json;q=', ',', 'application/json'],
  origin: ['null', 'https://evil.example', 'http://127.0.0.1', 'x', ''],
  'if-match': ['*', '"0"', 'W/"1"', '"999999999999999999"', '"', ''],
  'if-none-match': ['*', '"x"'],
  cookie: ['vigil=x', '=', ';;;', 'desk_agent=__proto__; desk_requester=%', 'a='.repeat(500)],
  'x-request-id': ['abc', 'a.b', 'x'.repeat(300), '__proto__'],
  expect: ['100-continue', '200-maybe'],
  range: ['bytes=0-0', 'bytes=-1', 'bytes=9-1'],
  'transfer-encoding': ['chunked', 'gzip, chunked', 'identity', 'xchunked'],
  'content-length': ['0', '5', '-1', '99999999999', 'x'],
  connection: ['keep-alive', 'upgrade', 'close, x'],
  upgrade: ['h2c', 'websocket', 'x'],
  host: ['evil.example', '', 'a b', '[::1', '127.0.0.1:99999'],
  'x-http-method-override': ['DELETE'],
  'sec-fetch-site': ['cross-site', 'same-origin'],
  'accept-language': ['x'.repeat(2_000)],
};
const header = fc
  .constantFrom(...Object.keys(HEADERS))
  .chain((name) => fc.tuple(fc.constant(name), fc.constantFrom(...HEADERS[name]!)));

const policy = nearly({
  timeoutSeconds: fc.integer({ min: 900, max: 2_592_000 }),
  rememberMe: nearly({ agent: fc.boolean(), requester: fc.boolean() }),
});
const body = fc.oneof(
  jsonOf(policy),
  jsonOf(nearly({ available: fc.boolean() })),
  jsonOf(oddValue),
  fc.constantFrom('', 'email=a&password=b&form=c', 'x'.repeat(20_000), '--x\r\n\r\n--x--', 'form=%&text=%FF'),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

export const httpCase: fc.Arbitrary<HttpCase> = fc
  .record({
    target,
    headers: fc.array(header, { maxLength: 3 }),
    token: tokenKind,
    body: fc.option(body, { freq: 2 }),
  })
  .map(({ target: { method, path }, ...rest }) => ({ kind: 'http', method, path, ...rest }));
