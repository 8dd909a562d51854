/**
 * Vigil in the browser: reports that somebody is there, warns before the session ends, and leaves nothing on the
 * screen when it has. `/vigil.mjs`.
 */
import type { ConnectOptions, Vigil } from './api.ts';
import { createClient } from './client.ts';
import { pageClock } from './clock.ts';
import { settle } from './options.ts';

/**
 * Connects this page to Vigil, for as long as its session lives.
 *
 * @throws TypeError where an option is missing or not what it must be; nothing else throws.
 */
export function connect(options: ConnectOptions): Vigil {
  return createClient(settle(options), pageClock);
}

export { type BridgeOptions, bridge } from './activity/bridge.ts';
export type {
  BeforeEnd,
  ConnectOptions,
  Ended,
  EndReason,
  SessionView,
  Texts,
  Vigil,
  VigilEvents,
  VigilState,
} from './api.ts';
export { VigilError } from './errors.ts';
export { version } from './version.ts';
