import { createClient } from 'redis';
import type { Finding } from './finding.ts';

const SLOW_MS = 20;
const SKEW_MS = 5_000;

/** Looks at a single Redis; Sentinel and Cluster are looked at by a node when it starts. */
export async function checkRedis(url: string | undefined): Promise<Finding[]> {
  if (url === undefined) return [{ level: 'good', what: 'no REDIS_URL: the embedded engine, one node' }];
  if (!/^rediss?:/.test(url)) {
    return [
      {
        level: 'odd',
        what: 'REDIS_URL names a Sentinel or Cluster',
        advice: 'Nodes check it when they start.',
      },
    ];
  }
  const client = createClient({ url, socket: { connectTimeout: 3_000, reconnectStrategy: false } });
  client.on('error', () => {});
  try {
    await client.connect();
    return await examine(client as unknown as Redis);
  } catch (error) {
    return [
      {
        level: 'bad',
        what: `Redis does not answer: ${(error as Error).message}`,
        advice: 'Is REDIS_URL right?',
        away: true,
      },
    ];
  } finally {
    if (client.isOpen) client.destroy();
  }
}

interface Redis {
  info(): Promise<string>;
  ping(): Promise<string>;
  time(): Promise<Date>;
}

async function examine(client: Redis): Promise<Finding[]> {
  const info = await client.info();
  const field = (name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? '';
  const before = performance.now();
  await client.ping();
  const roundTrip = performance.now() - before;
  const skew = Math.abs(Number(await client.time()) - Date.now());
  return [
    version(field('redis_version')),
    eviction(field('maxmemory_policy')),
    persistence(field('aof_enabled') === '1', field('rdb_last_save_time')),
    roundTrip > SLOW_MS
      ? {
          level: 'odd',
          what: `Redis answers in ${roundTrip.toFixed(0)} ms`,
          advice: 'Put nodes and Redis close together.',
        }
      : { level: 'good', what: `Redis answers in ${roundTrip.toFixed(1)} ms` },
    skew > SKEW_MS
      ? {
          level: 'odd',
          what: `this machine's clock and that of Redis differ by ${Math.round(skew / 1_000)} s`,
          advice: 'Vigil goes by that of Redis; tokens are judged by it: run NTP on both.',
        }
      : { level: 'good', what: 'clocks agree' },
  ];
}

function version(text: string): Finding {
  const good = Number.parseInt(text, 10) >= 7;
  return good
    ? { level: 'good', what: `Redis ${text}` }
    : { level: 'bad', what: `Redis ${text}`, advice: 'Vigil is tested with Redis 7 and newer.' };
}

function eviction(policy: string): Finding {
  return policy === 'noeviction'
    ? { level: 'good', what: 'nothing is evicted' }
    : {
        level: 'bad',
        what: `maxmemory-policy is ${policy}: sessions may be evicted`,
        advice: 'CONFIG SET maxmemory-policy noeviction',
      };
}

function persistence(appendOnly: boolean, lastSave: string): Finding {
  if (appendOnly) return { level: 'good', what: 'an append-only file is kept' };
  const advice = 'CONFIG SET appendonly yes: without it a restart of Redis loses sessions and the audit log.';
  return { level: lastSave === '0' ? 'bad' : 'odd', what: 'no append-only file is kept', advice };
}
