import type { Environment } from './environment.ts';

/** What `readConfig` reads. */
export const SETTINGS = [
  'PORT',
  'HOST',
  'REDIS_URL',
  'LOG_LEVEL',
  'NODE_ENV',
  'VIGIL_DATA_DIR',
  'VIGIL_JWT_SECRET',
  'VIGIL_JWT_PUBLIC_KEY',
  'VIGIL_JWT_JWKS',
  'VIGIL_JWT_ISSUER',
  'VIGIL_JWT_AUDIENCE',
  'VIGIL_ALLOWED_ORIGINS',
  'VIGIL_TRUST_PROXY',
  'VIGIL_MAX_CONNECTIONS',
  'VIGIL_VERIFY_COOKIE',
  'VIGIL_METRICS_TOKEN',
  'VIGIL_WARNING_LEAD',
  'VIGIL_MIN_TIMEOUT',
  'VIGIL_IDLE_AFTER',
  'VIGIL_LEAVE_GRACE',
  'VIGIL_AUDIT_MAX_AGE',
  'VIGIL_AUDIT_MAX_EVENTS',
  'VIGIL_WEBHOOK_URL',
  'VIGIL_WEBHOOK_SECRET',
  'VIGIL_DEMO',
] as const;

/** Of the command line, and of the configurations in deploy/. */
const OF_OTHERS = /^VIGIL_(URL|ACCOUNT|TOKEN|LISTEN|NODES|NODE_\d+)$/;
/** What Kubernetes and Docker set for a service that is called vigil, or vigil-something. */
const OF_A_SERVICE = /^VIGIL_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP)(_\w+)?)$/;
const SERVICE_ADDRESS = /^(tcp|udp):\/\//;
const MAX_MISSPELT = 2;

/** Variables that look like settings and are none: a sentence each. Nobody is refused for one. */
export function unknownSettings(env: Environment): string[] {
  const known = new Set<string>(SETTINGS);
  return Object.keys(env)
    .filter((name) => /^VIGIL_\w+$/i.test(name) && !known.has(name) && !OF_OTHERS.test(name))
    .filter((name) => !OF_A_SERVICE.test(name) && !SERVICE_ADDRESS.test(env[name] ?? ''))
    .sort()
    .map((name) => {
      const meant = nearest(name);
      return `${name} is not a setting${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    });
}

function nearest(name: string): string | undefined {
  const plain = plainOf(name);
  const [best] = SETTINGS.map((setting) => ({
    setting,
    // VIGIL_REDIS_URL for REDIS_URL.
    distance: Math.min(distance(plain, plainOf(setting)), distance(plain, `VIGIL${plainOf(setting)}`)),
  })).sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= MAX_MISSPELT ? best.setting : undefined;
}

function plainOf(name: string): string {
  return name.toUpperCase().replaceAll('_', '');
}

/** How many letters are to be added, dropped or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
