import type { Random } from '../support/random.ts';
import { type FrameOptions, frame } from '../support/raw-socket.ts';

/** Values that handlers trip over, as JSON text. */
export const ODD_VALUES: readonly string[] = [
  'null',
  'true',
  '0',
  '-1',
  '1e400',
  '-1e308',
  '""',
  '"x"',
  '[]',
  '[null]',
  '[[[[[[[[[[]]]]]]]]]]',
  '{}',
  '{"idleMs":null}',
  '{"idleMs":"0"}',
  '{"idleMs":-1}',
  '{"idleMs":1e400}',
  '{"idleMs":{"valueOf":0}}',
  '{"visible":1,"focused":0}',
  '{"visible":true}',
  '{"visible":true,"focused":true,"sinceMs":-5}',
  '{"available":"yes"}',
  '{"__proto__":{"available":true}}',
  '{"constructor":{"prototype":{"ok":true}}}',
  '{"toString":null,"hasOwnProperty":1,"then":1}',
  `{"idleMs":${'9'.repeat(400)}}`,
  `"${'x'.repeat(12_000)}"`,
  `{"a":${'['.repeat(3_000)}${']'.repeat(3_000)}}`,
];

export const TAB_EVENTS = ['activity', 'focus', 'availability', 'logout'] as const;
/** Names that mean something to Socket.IO or to JavaScript, and none to us. */
const ODD_EVENTS = [
  'connect',
  'disconnect',
  'disconnecting',
  'error',
  'connect_error',
  'newListener',
  '__proto__',
  'session',
  'ended',
  '',
  ' ',
];

/** A Socket.IO message inside an Engine.IO one: well-formed, nearly so, or not at all. */
export function randomMessage(random: Random): string {
  const value = () => random.pick(ODD_VALUES);
  const event = () => JSON.stringify(random.pick([...TAB_EVENTS, ...TAB_EVENTS, ...ODD_EVENTS]));
  const ack = () => random.pick(['', '0', '7', '99999999999999999999', '-1']);
  // No well-formed logout: the tab would be gone, and the rest of its messages with it.
  const name = () => random.pick(['activity', 'focus', 'availability']);
  switch (random.below(12)) {
    case 0:
      return `42${ack()}["${name()}",${value()}]`;
    case 1:
      return `42${ack()}["logout"${random.pick([',null', ',0', ',"x"', ',true'])}]`;
    case 2:
      return `42${ack()}[${event()}]`;
    case 3:
      return `42${ack()}[${value()},${value()}]`;
    case 4:
      return `42["${name()}",${value()},${value()},${value()}]`;
    case 5:
      return `43${ack()}[${value()}]`;
    case 6:
      return `4${random.below(10)}${value()}`;
    case 7:
      return `42/${random.pick(['presence', 'nowhere', '__proto__', '🙂', ''])},["activity",${value()}]`;
    case 8:
      return `40/${random.pick(['presence', 'nowhere', '__proto__', 'x'.repeat(500)])},{"token":${value()}}`;
    case 9:
      return `45${random.below(4)}-["${name()}",{"_placeholder":true,"num":${random.pick(['0', '-1', '9', '"x"'])}}]`;
    case 10:
      return `${random.below(10)}${random.pick(['', 'probe', '{"sid":1}', '\u0000', '[', '"'])}`;
    default:
      return random.bytes(random.below(60)).toString('latin1');
  }
}

/** A WebSocket frame around it: mostly as it should be, else broken in one of the ways that the protocol knows. */
export function randomFrame(random: Random): Buffer {
  const message = randomMessage(random);
  if (random.fraction() < 0.9) return frame(message);
  const broken: (FrameOptions & { payload?: Buffer })[] = [
    { opcode: 2, payload: random.bytes(random.below(200)) },
    { opcode: 0 },
    { opcode: 1, fin: false },
    { opcode: 3 },
    { opcode: 9, payload: random.bytes(130) },
    { opcode: 10 },
    { opcode: 8, payload: random.bytes(3) },
    { masked: false },
    { reserved: 4 },
    { payload: Buffer.from([0xff, 0xfe, 0xc3, 0x28]) },
    { payload: Buffer.alloc(20_000, 0x61) },
  ];
  const { payload = Buffer.from(message), ...options } = random.pick(broken);
  return frame(payload, options);
}
