import fc from 'fast-check';
import { type TokenKind, tokenKind } from './http-cases.ts';
import { anyBytes, jsonOf, nearly, ODD_NAMES, oddValue } from './values.ts';

/** A WebSocket from its opening to its end: what is said on it, message by message. */
export interface SocketCase {
  kind: 'socket';
  /** Where it logs in first, if anywhere. */
  namespace: '/' | '/presence' | null;
  token: TokenKind;
  steps: Step[];
}

/** A whole message of Engine.IO, or a frame as no client library sends one. `payload` is base64. */
export type Step =
  | { text: string }
  | { opcode: number; fin: boolean; masked: boolean; reserved: number; payload: string };

/** Long-polling: what is posted on it. */
export interface PollingCase {
  kind: 'polling';
  token: TokenKind;
  /** Null: the server's own. */
  sid: string | null;
  bodies: string[];
}

/** An upgrade that is not as it should be, up to where it breaks off. */
export interface HandshakeCase {
  kind: 'handshake';
  lines: string[];
  finished: boolean;
}

const idleMs = fc.oneof(fc.nat(1_000_000), fc.double({ min: 0, max: 1e12, noNaN: true }));
const EVENTS = {
  activity: nearly({ idleMs }),
  focus: nearly({ visible: fc.boolean(), focused: fc.boolean(), sinceMs: idleMs }),
  availability: nearly({ available: fc.boolean() }),
  token: nearly({ token: fc.constantFrom('x', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.') }),
  // Only what is no logout: it would end the rest of the conversation.
  logout: fc.constantFrom<unknown>(null, 0, 'x', true, []),
};
const RESERVED = [
  'connect',
  'disconnect',
  'disconnecting',
  'error',
  'newListener',
  'session',
  'ended',
  'vigil:pushes',
];

const known = fc
  .constantFrom(...(Object.keys(EVENTS) as (keyof typeof EVENTS)[]))
  .chain((name) => jsonOf(EVENTS[name]).map((payload) => ({ name: JSON.stringify(name), payload })));
const unknown = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...RESERVED, ...ODD_NAMES).map((name) => JSON.stringify(name)),
      jsonOf(oddValue),
    ),
    jsonOf(oddValue),
  )
  .map(([name, payload]) => ({ name, payload }));
const namespace = fc.constantFrom(
  '',
  '',
  '',
  '/presence,',
  '/nowhere,',
  '/__proto__,',
  '/,',
  '/🙂,',
  '/presence?x=1,',
);
const ack = fc.constantFrom('', '', '1', '7', '99999999999999999999', '-1');

const event = fc
  .tuple(
    namespace,
    ack,
    fc.oneof({ weight: 4, arbitrary: known }, { weight: 1, arbitrary: unknown }),
    fc.array(jsonOf(oddValue), { maxLength: 2 }),
  )
  .map(([where, id, { name, payload }, more]) => `42${where}${id}[${[name, payload, ...more].join(',')}]`);
const packet = fc.oneof(
  { weight: 8, arbitrary: event },
  {
    weight: 1,
    arbitrary: fc.tuple(namespace, jsonOf(oddValue)).map(([where, payload]) => `40${where}${payload}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('41', '43', '44', '45', '46', '47', '451-', '4599-'),
        namespace,
        ack,
        jsonOf(oddValue),
      )
      .map((parts) => parts.join('')),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '0',
      '1',
      '2',
      '3',
      '3probe',
      '2probe',
      '5',
      '6',
      '4',
      '',
      'b4',
      'bAAAA',
      '9',
      '42',
      '42[]',
      '42[null]',
      '42{}',
      '4299999999999999999999[',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);

const frame = fc.record({
  opcode: fc.constantFrom(0, 1, 2, 3, 7, 8, 9, 10, 11, 15),
  fin: fc.boolean(),
  masked: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  reserved: fc.constantFrom(0, 0, 0, 1, 4, 7),
  payload: fc.oneof(
    anyBytes(130),
    fc.constantFrom(
      '/w==',
      Buffer.alloc(20_000, 0x61).toString('base64'),
      Buffer.from('42["activity",{"idleMs":0}]').toString('base64'),
    ),
  ),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: packet.map((text) => ({ text })) },
  { weight: 1, arbitrary: frame },
);

export const socketCase: fc.Arbitrary<SocketCase> = fc.record({
  kind: fc.constant('socket'),
  namespace: fc.constantFrom<SocketCase['namespace']>('/', '/', '/presence', null),
  token: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<TokenKind>('looker', 'manager') },
    { weight: 1, arbitrary: tokenKind },
  ),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
});

export const pollingCase: fc.Arbitrary<PollingCase> = fc.record({
  kind: fc.constant('polling'),
  token: tokenKind,
  sid: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom('x', '__proto__', '%00') },
  ),
  bodies: fc.array(
    fc.array(packet, { minLength: 1, maxLength: 3 }).map((packets) => packets.join('\x1e')),
    { minLength: 1, maxLength: 3 },
  ),
});

export const handshakeCase: fc.Arbitrary<HandshakeCase> = fc.record({
  kind: fc.constant('handshake'),
  lines: fc
    .tuple(
      fc.constantFrom('GET', 'POST', 'OPTIONS'),
      fc.constantFrom(
        'EIO=4&transport=websocket',
        'EIO=3&transport=websocket',
        'EIO=4&transport=polling',
        'EIO=4&transport=__proto__',
        'EIO=4&transport=websocket&sid=x',
        '',
      ),
      fc.constantFrom('1.1', '1.0', '2.0', ''),
      fc.subarray([
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Host: x',
      ]),
      fc.subarray([
        'Sec-WebSocket-Version: 99',
        'Sec-WebSocket-Key: x',
        'Sec-WebSocket-Extensions: permessage-deflate; x="',
        'Sec-WebSocket-Protocol: \u0001',
        'Origin: null',
        `Cookie: ${'x'.repeat(20_000)}`,
        'no colon',
      ]),
    )
    .map(([method, query, version, good, odd]) => [
      `${method} /socket.io/?${query} HTTP/${version}`,
      ...good,
      ...odd,
    ]),
  finished: fc.boolean(),
});
