import { expect } from 'chai';
import fc from 'fast-check';
import * as ws from 'ws';
import { frameOf, textOf } from '../../server/text-frames.ts';

const MOST = 16_384;

interface Receiver extends NodeJS.EventEmitter {
  write(read: Buffer): boolean;
  _bufferedBytes: number;
  _state: number;
}
const { Receiver, Sender } = ws as unknown as {
  Receiver: new (options: object) => Receiver;
  Sender: { frame(text: Buffer, options: object): Buffer[] };
};

/** A client's frame as the library makes it. */
function sent(text: string, mask: Uint8Array, { fin = true, opcode = 1 } = {}): Buffer {
  const generateMask = (place: Buffer) => void place.set(mask);
  const options = { fin, opcode, rsv1: false, mask: true, generateMask, readOnly: false };
  return Buffer.concat(Sender.frame(Buffer.from(text), options));
}

/** What the library makes of it; null where that is not one text with nothing left over. */
function readByLibrary(read: Buffer): string | null {
  const receiver = new Receiver({ isServer: true, maxPayload: MOST });
  const heard: string[] = [];
  let isText = true;
  receiver.on('message', (text: Buffer, isBinary: boolean) => {
    heard.push(String(text));
    isText &&= !isBinary;
  });
  for (const event of ['error', 'ping', 'pong', 'conclude'])
    receiver.on(event, () => heard.push(event, event));
  receiver.write(Buffer.from(read));
  const isOver = receiver._state === 0 && receiver._bufferedBytes === 0;
  return heard.length === 1 && isText && isOver ? heard[0]! : null;
}

const masks = fc.uint8Array({ minLength: 4, maxLength: 4 });
const lengths = fc.oneof(
  fc.nat({ max: 20 }),
  fc.integer({ min: 120, max: 130 }),
  fc.integer({ min: MOST - 3, max: MOST + 3 }),
);

describe('a text frame that came in one piece', () => {
  it('is read as the library reads it, where it is not too long', () => {
    fc.assert(
      fc.property(lengths, masks, (length, mask) => {
        for (const letters of ['activity', 'aktivität']) {
          const text = letters.repeat(2_100).slice(0, length);
          const read = sent(text, mask);
          const expected = readByLibrary(read);
          expect(textOf(read, MOST)?.toString() ?? null).to.equal(expected);
        }
      }),
      {
        examples: [
          [0, new Uint8Array(4)],
          [125, new Uint8Array(4)],
          [126, new Uint8Array(4)],
          [MOST + 1, new Uint8Array(4)],
        ],
      },
    );
  });

  it('is nothing that the library would read otherwise, and what is not taken is left as it was', () => {
    const damage = fc.array(fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 255 })), { maxLength: 2 });
    const pieces = fc.tuple(
      fc.string({ unit: 'binary', maxLength: 140 }),
      masks,
      damage,
      fc.nat({ max: 3 }),
      fc.nat({ max: 3 }),
    );
    fc.assert(
      fc.property(pieces, ([text, mask, damaged, cut, more]) => {
        const frame = sent(text, mask);
        for (const [at, byte] of damaged) if (at < frame.length) frame[at] = byte;
        const read = Buffer.concat([frame.subarray(0, frame.length - cut), Buffer.alloc(more, 0x81)]);
        const before = Buffer.from(read);
        const taken = textOf(read, MOST);
        if (taken === undefined) expect(read.equals(before)).to.equal(true);
        else expect(taken.toString()).to.equal(readByLibrary(before));
      }),
      { numRuns: 3_000 },
    );
  });

  it('is no part of a message, no binary, no control frame and none without a mask', () => {
    const mask = Uint8Array.of(1, 2, 3, 4);
    const others = [
      sent('hello', mask, { fin: false }),
      sent('hello', mask, { opcode: 0 }),
      sent('hello', mask, { opcode: 2 }),
      sent('hello', mask, { opcode: 9 }),
      Buffer.concat([sent('gr', mask).subarray(0, 6), Buffer.from([0xff, 0xff])]),
      Buffer.concat([sent('hello', mask), sent('hello', mask)]),
      frameOf('hello, you there')!,
    ];
    for (const read of others) expect(textOf(read, MOST), read.toString('hex')).to.equal(undefined);
    expect(textOf(Buffer.alloc(0), MOST)).to.equal(undefined);
  });
});

describe('a text frame of the server', () => {
  it('is what the library would send', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 140 }),
      fc.constantFrom('', 'a'.repeat(125), 'a'.repeat(126), 'ü'.repeat(63), 'a'.repeat(65_535)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const options = { fin: true, opcode: 1, rsv1: false, mask: false, readOnly: false };
        const frame = Buffer.concat(Sender.frame(Buffer.from(text), options));
        expect(frameOf(text)?.equals(frame)).to.equal(true);
      }),
    );
  });

  it('is none that has room for more than its length can say', () => {
    expect(frameOf('a'.repeat(65_536))).to.equal(undefined);
  });
});
