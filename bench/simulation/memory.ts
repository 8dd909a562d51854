import type { RedisServer } from '../../test/support/redis.ts';

/** What an account's keys hold, by what they are for. */
export const HOLDINGS = {
  sessions: ['agents', 'sids', 'waiting', 'warned'],
  ended: ['ended', 'buried', 'departed'],
  audit: ['kept', 'common'],
} as const;

const SUM = `
  local sum = 0
  for _, key in ipairs(redis.call('KEYS', 'vigil:*:' .. ARGV[1])) do
    sum = sum + redis.call('MEMORY', 'USAGE', key, 'SAMPLES', ARGV[2])
  end
  return sum`;

/** Bytes of Redis, all of it and by what they are for. Samples, where counting each would stop it for long. */
export async function memoryOf(redis: RedisServer): Promise<Record<keyof typeof HOLDINGS | 'all', number>> {
  const held = { all: await usedMemory(redis), sessions: 0, ended: 0, audit: 0 };
  for (const kind of Object.keys(HOLDINGS) as (keyof typeof HOLDINGS)[]) {
    for (const shelf of HOLDINGS[kind])
      held[kind] += await redis.command<number>('EVAL', SUM, '0', shelf, '1000');
  }
  return held;
}

export async function usedMemory(redis: RedisServer): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.command<string>('INFO', 'memory'))![1]);
}
