import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDemoDesk, type DemoDesk, WEBHOOK_PATH } from '../demo/desk.ts';
import type { Clock } from './clock.ts';
import { type Config, ConfigRefused } from './config.ts';
import { makeFolder } from './engine/make-folder.ts';
import { MIN_SECRET_BYTES, secretKey, type TokenKey } from './keys.ts';
import type { Log } from './log.ts';

export interface Demo {
  desk: DemoDesk;
  /** What the desk's tokens are verified with. */
  keys: TokenKey[];
  /** Where the desk takes webhooks, once the node listens; null where the settings send them elsewhere. */
  webhook(): Config['webhook'];
}

/** The demo desk, if it is on; given its secret as any host would be. `vigilUrl` is asked once the node listens. */
export function openDemo(config: Config, clock: Clock, log: Log, vigilUrl: () => string): Demo | null {
  if (config.demo === null) return null;
  // With Redis the data directory is not used: the desk forgets with its process.
  const dir = config.dataDir === null || config.redis !== null ? null : join(config.dataDir, 'demo');
  const secret = config.demo.secret ?? keptSecret(dir);
  const warn = (message: string) => log.warn({}, message);
  const webhookSecret = config.webhook?.secret ?? `whsec_${randomBytes(32).toString('base64')}`;
  const desk = createDemoDesk({ vigilUrl, jwtSecret: secret, webhookSecret, dataDir: dir, clock, warn });
  return {
    desk,
    keys: config.demo.secret === null ? [secretKey(secret)] : config.tokens.keys,
    webhook: () =>
      config.webhook === null ? { url: vigilUrl() + WEBHOOK_PATH, secret: webhookSecret } : null,
  };
}

/** The secret where none is set: made once, so that sessions survive a restart. */
function keptSecret(dir: string | null): string {
  if (dir === null) return randomSecret();
  const file = join(dir, 'secret');
  try {
    const kept = read(file);
    if (kept.length >= MIN_SECRET_BYTES) return kept;
    const secret = randomSecret();
    makeFolder(dir);
    writeFileSync(file, secret, { mode: 0o600 });
    return secret;
  } catch (error) {
    throw new ConfigRefused([
      { variable: 'VIGIL_DATA_DIR', problem: `cannot be used: ${(error as Error).message}` },
    ]);
  }
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Empty where there is no such file. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
