import { PROTOCOL_VERSION } from '../../shared/protocol.ts';

const VERSION = /^(\d{1,4})\.(\d{1,4})\.\d{1,4}$/;

/** Whether a client has said that it speaks an older protocol than ours. Who says nothing, or nonsense, is told nothing. */
export function isOlderProtocol(theirs: unknown, ours = PROTOCOL_VERSION): boolean {
  const [their, our] = [numbersOf(theirs), numbersOf(ours)];
  if (their === undefined || our === undefined) return false;
  return their[0] === our[0] ? their[1] < our[1] : their[0] < our[0];
}

function numbersOf(version: unknown): [major: number, minor: number] | undefined {
  const [, major, minor] = (typeof version === 'string' && VERSION.exec(version)) || [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}
