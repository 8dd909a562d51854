const BEFORE = Buffer.from('42["activity",{"idleMs":');
const AFTER = Buffer.from('}]');
/** Beyond it nobody reports: 115 days. */
const MOST_DIGITS = 10;
const ZERO = 0x30;

/**
 * The `idleMs` of a report as the SDK writes it: an event of the main namespace, whole milliseconds, no acknowledgement.
 * Undefined for whatever else is in the frame. Nearly all that tabs send is this: so it is looked at before Engine.IO and
 * Socket.IO take it through a dozen calls, half of what a report costs.
 */
export function idleMsIn(frame: Buffer): number | undefined {
  const end = frame.length - AFTER.length;
  const digits = end - BEFORE.length;
  if (digits < 1 || digits > MOST_DIGITS) return undefined;
  // From behind: the names of events differ there.
  for (let at = BEFORE.length - 1; at >= 0; at -= 1) if (frame[at] !== BEFORE[at]) return undefined;
  for (let at = 0; at < AFTER.length; at += 1) if (frame[end + at] !== AFTER[at]) return undefined;
  if (frame[BEFORE.length] === ZERO && digits > 1) return undefined;
  let idleMs = 0;
  for (let at = BEFORE.length; at < end; at += 1) {
    const digit = frame[at]! - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    idleMs = idleMs * 10 + digit;
  }
  return idleMs;
}
