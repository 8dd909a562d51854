import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { openTab, Tab, type TabOptions } from '../support/tab.ts';
import { signToken } from '../support/tokens.ts';
import { expectProblem } from './problems.ts';

const DESK = 'https://desk.example';

describe('access by origin', () => {
  const cleanup = cleanupAfterAll();
  let node: VigilProcess;

  before(async () => {
    node = cleanup.using(await startVigil({ VIGIL_ALLOWED_ORIGINS: DESK }));
  });

  const refusalOf = (token: string | undefined, options?: TabOptions) =>
    cleanup.using(new Tab(node.url, token, options)).refused();

  const own = () => node.url;
  const from = (origin: string, transport: 'websocket' | 'polling'): TabOptions => ({
    transports: [transport],
    extraHeaders: { origin },
  });
  const strangers = [
    'https://evil.example',
    'null',
    'https://desk.example.evil.example',
    'http://desk.example',
    'https://desk.example:8443',
  ];

  for (const transport of ['websocket', 'polling'] as const) {
    it(`lets pages of the same and of an allowed origin connect by ${transport}, and programs without one`, async () => {
      for (const options of [from(own(), transport), from(DESK, transport), { transports: [transport] }]) {
        cleanup.using(await openTab(node.url, signToken(), options));
      }
    });

    it(`lets no page of another origin connect by ${transport}`, async () => {
      const token = signToken({ permissions: ['view_presence'] });
      for (const origin of strangers)
        for (const namespace of ['', '/presence']) {
          const tab = cleanup.using(new Tab(node.url + namespace, token, from(origin, transport)));
          await tab.refused();
          expect(tab.received, `${origin} at ${namespace || '/'}`).to.deep.equal([]);
        }
    });
  }

  it('says origin_denied to a socket that comes without the page’s cookies', async () => {
    expect(await refusalOf(signToken(), from('https://evil.example', 'websocket'))).to.deep.equal({
      code: 'origin_denied',
    });
  });

  it('answers calls of another origin with 403, and readable by nobody there', async () => {
    for (const origin of strangers) {
      const answer = await apiOf(node.url, signToken()).get('/v1/session', { origin });
      expectProblem(answer, { status: 403, code: 'origin_denied' });
      expect(answer.headers.get('access-control-allow-origin'), origin).to.equal(null);
    }
  });

  it('lets an allowed page read the answers, and send what they need', async () => {
    const answer = await apiOf(node.url, signToken()).get('/v1/session', { origin: DESK });
    expect(answer.status).to.equal(200);
    expect(answer.headers.get('access-control-allow-origin')).to.equal(DESK);
    const preflight = await fetch(new URL('/v1/session', node.url), {
      method: 'OPTIONS',
      headers: {
        origin: DESK,
        'access-control-request-method': 'DELETE',
        'access-control-request-headers': 'authorization,content-type,if-match',
      },
    });
    expect(preflight.status).to.be.within(200, 204);
    expect(preflight.headers.get('access-control-allow-methods')).to.include('DELETE');
    expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).to.include('authorization');
  });

  it('serves the SDK to pages of any origin', async () => {
    for (const file of ['/vigil.js', '/vigil.mjs']) {
      const { status, headers } = await apiOf(node.url).get(file, { origin: 'https://anywhere.example' });
      expect(status).to.equal(200);
      expect(headers.get('content-type')).to.match(/^(text|application)\/javascript/);
      expect(headers.get('cross-origin-resource-policy')).to.equal('cross-origin');
    }
  });

  it('upgrades no WebSocket of a stranger beside the path of the sockets', async () => {
    const outcome = await openRawSocket(node.port, { path: '/v1/session' }).then(
      () => 'open',
      () => 'refused',
    );
    expect(outcome).to.equal('refused');
  });
});
