import { addressGroup } from './addresses.ts';
import { Attempts } from './attempts.ts';

/** Lines about one address: enough to see who it was and what they tried, never so many that they hide everything else. */
const LINES = { burst: 10, perSecond: 1 / 6 };
/** A host that signs with another key shows by this alone, also where only warnings are read. */
const WARNINGS = { burst: 1, perSecond: 1 / 60 };
const MAX_ORIGIN_LENGTH = 200;

export interface RefusedAttempt {
  code?: string;
  /** What is wrong with the token; nothing of the token itself. */
  reason?: string | undefined;
  origin?: string | undefined;
  [field: string]: unknown;
}

export type RefusalLog = (address: string, fields: RefusedAttempt, message: string) => void;

/**
 * Writes down who was refused or cut off: the first few of an address, then one in six seconds; of the tokens that are
 * not valid, one a minute as a warning. It says of what origin the page was only where that is why it was refused.
 */
export function createRefusalLog(
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void },
  clock: { monotonic(): number },
): RefusalLog {
  const lines = new Attempts(() => clock.monotonic());
  const warnings = new Attempts(() => clock.monotonic());
  return (address, { origin, ...fields }, message) => {
    const group = addressGroup(address);
    const isAmongFew = lines.take(group, LINES);
    const isWarning = fields.code === 'token_invalid' && warnings.take(group, WARNINGS);
    if (!isAmongFew && !isWarning) return;
    const told = fields.code === 'origin_denied' ? { origin: origin?.slice(0, MAX_ORIGIN_LENGTH) } : {};
    log[isWarning ? 'warn' : 'info']({ address, ...fields, ...told }, message);
  };
}
