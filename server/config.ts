import { formatDuration } from '../shared/durations.ts';
import { MAX_TIMEOUT_SECONDS } from '../shared/policy.ts';
import { type AuditRetention, USUAL_RETENTION } from './engine/shelves.ts';
import { type Environment, EnvironmentReader, type Fault } from './environment.ts';
import type { JwksSource } from './jwks.ts';
import type { TokenKey } from './keys.ts';
import { parseRedisUrl, type RedisTarget } from './redis-url.ts';
import {
  type LogLevel,
  readBearer,
  readCookieName,
  readDuration,
  readHost,
  readJwksSource,
  readLogLevel,
  readNumber,
  readOrigins,
  readPort,
  readPublicKeys,
  readSecrets,
  readSubnets,
  readSwitch,
  readText,
  readWebhookSecret,
  readWebhookUrl,
} from './settings.ts';

/** What one node runs with. Durations in ms. */
export interface Config {
  port: number;
  host: string;
  /** Null: the memory engine. */
  redis: RedisTarget | null;
  /** Null: nothing survives. */
  dataDir: string | null;
  tokens: {
    keys: TokenKey[];
    /** In place of keys: where they come from. */
    jwks: JwksSource | null;
    issuer?: string | undefined;
    audience?: string | undefined;
  };
  allowedOrigins: string[];
  trustedProxies: string[];
  /** Null: as many as the process may open files for. */
  maxConnections: number | null;
  verifyCookie: string | null;
  metricsToken: string | null;
  leadMs: number;
  minTimeoutMs: number;
  idleAfterMs: number;
  leaveGraceMs: number;
  audit: AuditRetention;
  webhook: { url: string; secret: string } | null;
  /** Null: no demo desk. Its secret is null where none is set: the composition root makes one, and its key. */
  demo: { secret: string | null } | null;
  logLevel: LogLevel;
}

/** Everything that is wrong with the settings, all at once. */
export class ConfigRefused extends Error {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults.map(({ variable, problem }) => `${variable}: ${problem}`).join('\n'));
    this.name = 'ConfigRefused';
    this.faults = faults;
  }
}

const MIN_LEAD_MS = 1_000;
const DEFAULT_LEAD_MS = 60_000;
/** Longer than a webhook is tried for, which is delivered from the audit log. */
const MIN_AUDIT_AGE_MS = 2 * 86_400_000;
const MAX_AUDIT_AGE_MS = 3_650 * 86_400_000;
/** Below this a policy is for tests and demos only. */
export const ORDINARY_MIN_TIMEOUT_MS = 15 * 60_000;
/** Nobody waits 15 minutes to try the demo. */
const DEMO_MIN_TIMEOUT_MS = 90_000;
const SECRET = 'VIGIL_JWT_SECRET';
const PUBLIC_KEY = 'VIGIL_JWT_PUBLIC_KEY';
const JWKS = 'VIGIL_JWT_JWKS';
const KEYS = [SECRET, PUBLIC_KEY, JWKS];
const ISSUER = 'VIGIL_JWT_ISSUER';
const AUDIENCE = 'VIGIL_JWT_AUDIENCE';

/** Reads the settings of contract section 1; throws ConfigRefused. */
export function readConfig(variables: Environment): Config {
  const env = new EnvironmentReader(variables);
  const secrets = env.read(SECRET, readSecrets);
  const publicKeys = env.read(PUBLIC_KEY, readPublicKeys);
  const demo = isDemo(env, variables.NODE_ENV === 'production') ? { secret: secrets?.secret ?? null } : null;
  const dataDir = env.read('VIGIL_DATA_DIR', readText) ?? './data';
  const config: Config = {
    port: env.read('PORT', readPort) ?? 3000,
    host: env.read('HOST', readHost) ?? (demo === null ? '0.0.0.0' : '127.0.0.1'),
    redis: env.read('REDIS_URL', parseRedisUrl) ?? null,
    dataDir: dataDir === 'none' ? null : dataDir,
    tokens: {
      keys: secrets?.keys ?? publicKeys ?? [],
      jwks: env.read(JWKS, readJwksSource) ?? null,
      issuer: env.read(ISSUER, readText),
      audience: env.read(AUDIENCE, readText),
    },
    allowedOrigins: env.read('VIGIL_ALLOWED_ORIGINS', readOrigins) ?? [],
    trustedProxies: env.read('VIGIL_TRUST_PROXY', readSubnets) ?? [],
    maxConnections: env.read('VIGIL_MAX_CONNECTIONS', readNumber(10, 9_999_999)) ?? null,
    verifyCookie: env.read('VIGIL_VERIFY_COOKIE', readCookieName) ?? null,
    metricsToken: env.read('VIGIL_METRICS_TOKEN', readBearer) ?? null,
    ...readTiming(env, demo !== null),
    idleAfterMs: env.read('VIGIL_IDLE_AFTER', readDuration) ?? 60_000,
    leaveGraceMs: env.read('VIGIL_LEAVE_GRACE', readDuration) ?? 5_000,
    audit: readRetention(env),
    webhook: readWebhook(env),
    demo,
    logLevel: env.read('LOG_LEVEL', readLogLevel) ?? 'info',
  };
  if (env.faults.length > 0) throw new ConfigRefused(env.faults);
  return config;
}

/** Whether the demo desk runs, which follows from what keys there are unless it is said. */
function isDemo(env: EnvironmentReader, inProduction: boolean): boolean {
  const set = KEYS.filter((variable) => env.isSet(variable));
  const keyed = set.length > 0;
  if (set.length > 1) {
    for (const variable of set) {
      const others = set.filter((other) => other !== variable);
      env.fault(
        variable,
        `${others.join(' and ')} ${others.length === 1 ? 'is' : 'are'} set, too: only one may be`,
      );
    }
  }
  const emptied = keyed ? undefined : KEYS.find((variable) => env.isEmpty(variable));
  // A secret that came out empty must not open a demo desk in its place.
  if (emptied !== undefined) env.fault(emptied, 'is set but empty');

  const wanted = env.read('VIGIL_DEMO', readSwitch) ?? (!keyed && !inProduction);
  if (wanted && keyed && !env.isSet(SECRET))
    env.fault('VIGIL_DEMO', `the demo desk signs tokens itself: it needs ${SECRET}`);
  if (wanted && (env.isSet(ISSUER) || env.isSet(AUDIENCE))) {
    env.fault(
      'VIGIL_DEMO',
      `the demo desk claims neither: unset ${ISSUER} and ${AUDIENCE}, or set VIGIL_DEMO=0`,
    );
  }
  if (!wanted && !keyed)
    env.fault(
      SECRET,
      `no key to verify tokens with: set this, or ${PUBLIC_KEY}, or ${JWKS}, or VIGIL_DEMO=1 to try Vigil`,
    );
  return wanted;
}

function readTiming(env: EnvironmentReader, inDemo: boolean): { leadMs: number; minTimeoutMs: number } {
  const leadMs = env.read('VIGIL_WARNING_LEAD', readDuration) ?? DEFAULT_LEAD_MS;
  if (leadMs < MIN_LEAD_MS) env.fault('VIGIL_WARNING_LEAD', 'must be at least 1s');
  const usual = inDemo && leadMs < DEMO_MIN_TIMEOUT_MS ? DEMO_MIN_TIMEOUT_MS : ORDINARY_MIN_TIMEOUT_MS;
  const minTimeoutMs = env.read('VIGIL_MIN_TIMEOUT', readDuration) ?? usual;
  if (minTimeoutMs > MAX_TIMEOUT_SECONDS * 1000)
    env.fault('VIGIL_MIN_TIMEOUT', 'must be at most 30d, the longest timeout');
  if (minTimeoutMs <= leadMs) {
    const [least, lead] = [formatDuration(minTimeoutMs), formatDuration(leadMs)];
    if (env.isSet('VIGIL_MIN_TIMEOUT'))
      env.fault('VIGIL_MIN_TIMEOUT', `${least} must be longer than VIGIL_WARNING_LEAD (${lead})`);
    else env.fault('VIGIL_WARNING_LEAD', `${lead} must be shorter than VIGIL_MIN_TIMEOUT (${least})`);
  }
  return { leadMs, minTimeoutMs };
}

function readRetention(env: EnvironmentReader): AuditRetention {
  const maxAgeMs = env.read('VIGIL_AUDIT_MAX_AGE', readDuration) ?? USUAL_RETENTION.maxAgeMs;
  if (maxAgeMs < MIN_AUDIT_AGE_MS || maxAgeMs > MAX_AUDIT_AGE_MS)
    env.fault('VIGIL_AUDIT_MAX_AGE', 'must be 2d to 3650d');
  const maxEvents = env.read('VIGIL_AUDIT_MAX_EVENTS', readNumber(1_000, 1_000_000));
  return { maxAgeMs, maxEvents: maxEvents ?? USUAL_RETENTION.maxEvents };
}

function readWebhook(env: EnvironmentReader): Config['webhook'] {
  const url = env.read('VIGIL_WEBHOOK_URL', readWebhookUrl);
  const secret = env.read('VIGIL_WEBHOOK_SECRET', readWebhookSecret);
  if (env.isSet('VIGIL_WEBHOOK_URL') && !env.isSet('VIGIL_WEBHOOK_SECRET')) {
    env.fault('VIGIL_WEBHOOK_SECRET', 'is needed to sign what goes to VIGIL_WEBHOOK_URL');
  }
  if (env.isSet('VIGIL_WEBHOOK_SECRET') && !env.isSet('VIGIL_WEBHOOK_URL')) {
    env.fault('VIGIL_WEBHOOK_URL', 'is needed with VIGIL_WEBHOOK_SECRET');
  }
  return url === undefined || secret === undefined ? null : { url, secret };
}
