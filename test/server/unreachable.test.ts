import { expect } from 'chai';
import { openLink } from '../../server/redis/open-link.ts';
import { unreachable } from '../../server/redis/unreachable.ts';
import { parseRedisUrl } from '../../server/redis-url.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { freePort } from '../support/places.ts';
import { startRedis } from '../support/redis.ts';

describe('what is said of a Redis that a node cannot start on', () => {
  const cleanup = cleanupAfterEach();

  async function said(url: string): Promise<string> {
    const target = parseRedisUrl(url);
    const error = await openLink(target).then(
      () => expect.fail('it was reached'),
      (refusal: unknown) => refusal,
    );
    return unreachable(target, error);
  }

  it('names the address and the reason, and no password', async () => {
    const port = await freePort();
    expect(await said(`redis://vigil:p%40ss@127.0.0.1:${port}/1`)).to.equal(
      `redis://127.0.0.1:${port} cannot be reached (ECONNREFUSED)`,
    );
  });

  it('names all Sentinels and all nodes of a Cluster', async () => {
    const port = await freePort();
    expect(await said(`redis+sentinel://:p%40ss@127.0.0.1:${port},[::1]:${port}/desk`)).to.equal(
      `redis+sentinel://127.0.0.1:${port},[::1]:${port}/desk cannot be reached ` +
        '(no Sentinel names a master called desk: ECONNREFUSED)',
    );
    expect(await said(`redis+cluster://:p%40ss@127.0.0.1:${port}`)).to.equal(
      `redis+cluster://127.0.0.1:${port} cannot be reached (All the root nodes are unavailable)`,
    );
  });

  it('tells a wrong password from a server that is away', async () => {
    const redis = cleanup.using(await startRedis({ args: ['--requirepass', 'right'] }));
    const { host } = new URL(redis.url);
    expect(await said(`redis://:wrong@${host}`)).to.match(
      new RegExp(`^redis://${host} refuses \\(WRONGPASS `),
    );
  });
});
