import type { PresenceDisplay } from '../../shared/presence.ts';
import type { AddressOf } from '../addresses.ts';
import type { Clock } from '../clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { OriginCheck } from '../origins.ts';
import type { PresenceHistory } from '../presence-history.ts';
import type { TokenVerifier } from '../tokens.ts';

/** What the routes work with. Put together once, by the node. */
export interface HttpContext {
  engine: Engine;
  tokens: TokenVerifier;
  origins: OriginCheck;
  /** Those besides our own, as `origins` judges them. */
  allowedOrigins: readonly string[];
  addressOf: AddressOf;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  display: PresenceDisplay;
  history: PresenceHistory;
  leadMs: number;
  /** Audit entries of an account that are kept at most, on both shelves. */
  auditEvents: number;
  minTimeoutMs: number;
  verifyCookie: string | null;
  metricsToken: string | null;
  /** The folder with what browsers load: the SDK's bundles, the dashboard. */
  assetsDir: string;
  /** Whether this node is going away: balancers are to send nobody here any more. */
  isLeaving(): boolean;
}
