import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { systemClock } from '../../server/clock.ts';
import { createPost } from '../../server/webhooks/post.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { faultsOf } from '../support/settings.ts';
import { SECRET } from '../support/tokens.ts';
import { WEBHOOK_SECRET } from '../support/webhook-receiver.ts';

describe('where webhooks go', () => {
  const cleanup = cleanupAfterEach();

  async function listen(
    answer: (path: string) => [status: number, headers?: Record<string, string>, body?: string],
  ) {
    const asked: string[] = [];
    const server: Server = createServer((req, res) => {
      asked.push(`${req.method} ${req.url}`);
      const [status, headers = {}, body = ''] = answer(req.url!);
      res.writeHead(status, headers).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanup.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }
  const send = (url: string) =>
    createPost({ url, clock: systemClock })({ body: '{}', headers: {} }, new AbortController().signal);

  for (const status of [301, 302, 303, 307, 308]) {
    it(`is nowhere that a receiver points to: ${status}`, async () => {
      const inside = await listen(() => [200]);
      const receiver = await listen(() => [status, { location: `${inside.url}/latest/meta-data/` }]);
      expect(await send(receiver.url)).to.include({ taken: false });
      expect(receiver.asked).to.deep.equal(['POST /']);
      expect(inside.asked).to.deep.equal([]);
    });
  }

  it('says of an answer no more than its status', async () => {
    const receiver = await listen(() => [500, { 'x-inside': 'a secret' }, 'a secret of the inside']);
    const answer = await send(receiver.url);
    expect(JSON.stringify(answer)).to.include('500').and.not.include('secret');
  });

  it('is an address of the operator’s, by http or https, and holds no password', () => {
    const problemOf = (url: string) =>
      faultsOf({ VIGIL_JWT_SECRET: SECRET, VIGIL_WEBHOOK_URL: url, VIGIL_WEBHOOK_SECRET: WEBHOOK_SECRET })
        .VIGIL_WEBHOOK_URL;
    for (const url of [
      'file:///etc/passwd',
      'gopher://127.0.0.1:6379/_FLUSHALL',
      'ftp://x/',
      'javascript:1',
      'data:,x',
      '//x',
      'x',
      'unix:/run/x.sock',
    ])
      expect(problemOf(url), url).to.include('http');
    for (const url of ['http://user@x/', 'https://user:word@x/'])
      expect(problemOf(url), url).to.include('password');
    // Receivers mostly have a private address, and nobody but the operator says which.
    for (const url of [
      'https://desk.example/hook',
      'http://10.0.0.5/hook',
      'http://[fd00::1]/hook',
      'http://127.0.0.1:4000/',
    ])
      expect(problemOf(url), url).to.equal(undefined);
  });
});
