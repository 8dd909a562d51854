import { addressGroup } from './addresses.ts';
import { Attempts } from './attempts.ts';

/** Lines about one address: enough to see who it was and what they tried, never so many that they hide everything else. */
const LINES = { burst: 10, perSecond: 1 / 6 };

export type RefusalLog = (address: string, fields: object, message: string) => void;

/** Writes down who was refused or cut off: the first few of an address, then one in six seconds. */
export function createRefusalLog(
  log: { info(fields: object, message: string): void },
  clock: { monotonic(): number },
): RefusalLog {
  const lines = new Attempts(() => clock.monotonic());
  return (address, fields, message) => {
    if (lines.take(addressGroup(address), LINES)) log.info({ address, ...fields }, message);
  };
}
