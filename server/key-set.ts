import { readFile, stat } from 'node:fs/promises';
import type { Clock } from './clock.ts';
import { type JwksSource, MAX_JWKS_BYTES, parseJwks } from './jwks.ts';
import { type KeyRing, KeysUnavailable, keysNamed, type TokenKey } from './keys.ts';

/** At most one look in so long, however many tokens name keys that nobody knows. */
export const LOOK_AGAIN_MS = 30_000;
/** A set is looked at again after so long, so that a key which was taken out of it stops counting. */
export const KEEP_MS = 10 * 60_000;
const PATIENCE_MS = 5_000;

export interface KeySetOptions {
  source: JwksSource;
  clock: Clock;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

export interface KeySet extends KeyRing {
  close(): void;
}

/** The keys of a JWKS, looked at now and whenever it may have changed; the last good one is kept. */
export async function openKeySet({ source, clock, log }: KeySetOptions): Promise<KeySet> {
  let keys: readonly TokenKey[] | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  const closing = new AbortController();

  async function look(): Promise<void> {
    try {
      keys = parseJwks(await readSource(source, clock, closing.signal));
      log.info({ keys: keys.map(({ kid, algorithm }) => ({ kid, algorithm })) }, 'keys of tokens were read');
    } catch (err) {
      if (!closing.signal.aborted)
        log.warn({ err, kept: keys?.length ?? 0 }, 'the keys of tokens could not be read');
    }
  }

  /** Looks again, unless that was just done; whoever comes meanwhile waits for the same answer. */
  function refresh(): Promise<void> | undefined {
    if (looking !== undefined) return looking;
    if (clock.monotonic() - lookedAt < LOOK_AGAIN_MS) return undefined;
    lookedAt = clock.monotonic();
    looking = look().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  await refresh();
  return {
    async keysFor(kid) {
      const isKnown = kid === undefined || keys?.some((key) => key.kid === kid);
      if (keys === undefined || !isKnown) await refresh();
      else if (clock.monotonic() - lookedAt >= KEEP_MS) void refresh();
      if (keys === undefined) throw new KeysUnavailable();
      return keysNamed(keys, kid);
    },
    close: () => closing.abort(),
  };
}

async function readSource(source: JwksSource, clock: Clock, closed: AbortSignal): Promise<string> {
  if (source.kind === 'url') return fetchText(source.url, clock, closed);
  if ((await stat(source.path)).size > MAX_JWKS_BYTES) throw tooLarge();
  return readFile(source.path, 'utf8');
}

async function fetchText(url: string, clock: Clock, closed: AbortSignal): Promise<string> {
  const late = new AbortController();
  const cancel = clock.after(PATIENCE_MS, () => late.abort(new Error('no answer in time')));
  try {
    const response = await fetch(url, {
      // Whoever is asked is in the settings; nobody else gets to say where keys come from.
      redirect: 'error',
      headers: { accept: 'application/jwk-set+json, application/json' },
      signal: AbortSignal.any([late.signal, closed]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`answered ${response.status}`);
    }
    return await bounded(response);
  } finally {
    cancel();
  }
}

async function bounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > MAX_JWKS_BYTES) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function tooLarge(): Error {
  return new Error(`is larger than ${MAX_JWKS_BYTES} bytes`);
}
