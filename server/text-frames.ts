import { isUtf8 } from 'node:buffer';

/**
 * WebSocket frames (RFC 6455, section 5.2) of nearly all that goes over a connection here: a text of one frame, in one piece.
 * Other frames are the library's. A frame that takes its whole way costs a third of what a message does.
 */

/** The end of a message, and text. */
const FINAL_TEXT = 0x81;
const MASKED = 0x80;
const MASK_BYTES = 4;
/** The length of a longer text is in the two bytes that follow. */
const LONGER = 126;
const MOST_BYTES = 0xffff;

/**
 * The text of a client's frame, unmasked where it lies. Undefined, and nothing done, where something else was read: a part
 * of a frame, more than one, more than `mostBytes` of text, or what is no UTF-8.
 */
export function textOf(read: Buffer, mostBytes: number): Buffer | undefined {
  if (read[0] !== FINAL_TEXT || read.length < 2 + MASK_BYTES) return undefined;
  const told = read[1]! ^ MASKED;
  const head = told === LONGER ? 4 + MASK_BYTES : 2 + MASK_BYTES;
  const length = told === LONGER ? read.readUInt16BE(2) : told;
  // An unmasked one tells 128 or more, an even longer one 127: then there is more than that, or less.
  if (told > LONGER || read.length !== head + length || !(length <= mostBytes)) return undefined;
  const isAscii = mask(read, head);
  const text = read.subarray(head);
  if (isAscii || isUtf8(text)) return text;
  mask(read, head);
  return undefined;
}

/** Masks, or takes the mask off again; answers whether that is ASCII now. */
function mask(frame: Buffer, head: number): boolean {
  let all = 0;
  for (let at = head; at < frame.length; at += 1) {
    const byte = frame[at]! ^ frame[head - MASK_BYTES + ((at - head) & 3)]!;
    frame[at] = byte;
    all |= byte;
  }
  return all < 0x80;
}

/** A text as a server sends it; undefined where it is longer than such a frame may be. */
export function frameOf(text: string): Buffer | undefined {
  const length = Buffer.byteLength(text);
  if (length > MOST_BYTES) return undefined;
  const head = length < LONGER ? 2 : 4;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = FINAL_TEXT;
  if (length < LONGER) frame[1] = length;
  else {
    frame[1] = LONGER;
    frame.writeUInt16BE(length, 2);
  }
  frame.write(text, head);
  return frame;
}
