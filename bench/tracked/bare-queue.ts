import { createClient } from 'redis';
import type { RedisServer } from '../../test/support/redis.ts';
import { below } from './tracked.ts';

const AT_ONCE = 1_000;

/** What a touch is compared with: a sorted set of as many agents, and one variadic `ZADD GT`. */
export interface BareQueue {
  touch(count: number): Promise<void>;
  close(): void;
}

export async function fillBareQueue(redis: RedisServer, members: number): Promise<BareQueue> {
  const client = createClient({ url: redis.url });
  client.on('error', () => {});
  await client.connect();
  const add = (names: number[]) => {
    const at = String(Date.now());
    return client.sendCommand(['ZADD', 'bare', 'GT', ...names.flatMap((name) => [at, `agent-${name}`])]);
  };
  for (let start = 0; start < members; start += AT_ONCE) {
    await add(Array.from({ length: Math.min(AT_ONCE, members - start) }, (_, i) => start + i));
  }
  return {
    async touch(count) {
      await add(Array.from({ length: count }, () => below(members)));
    },
    close: () => client.destroy(),
  };
}
