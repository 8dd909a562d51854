import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { createVigilHost, sidOf, VigilUnavailable } from '../../host/index.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { openTab } from '../support/tab.ts';
import { SECRET } from '../support/tokens.ts';

const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of the webhook tests, long enough').toString('base64')}`;

function loginOf(agent: string) {
  return { agent, account: 'acme', sessionId: `session of ${agent}`, loginAt: Date.now() };
}

/** Listens on a free port for as long as `use` runs. */
async function serving<T>(server: Server, use: (url: string) => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('the host kit', () => {
  let vigil: VigilProcess;
  before(async () => {
    vigil = await startVigil();
  });
  after(() => vigil.close());

  const host = (options = {}) => createVigilHost({ url: vigil.url, key: SECRET, cacheMs: 0, ...options });

  it('refuses a secret that is too short before it signs anything', () => {
    expect(() => createVigilHost({ url: vigil.url, key: 'short' })).to.throw(/32 bytes/);
  });

  it('never shows the session id itself', () => {
    const claims = host().tokenFor(loginOf('ann')).split('.')[1]!;
    expect(Buffer.from(claims, 'base64url').toString())
      .to.include(sidOf('session of ann'))
      .and.not.include('session of');
  });

  it('finds a login alive with the first question, and dead after the logout, for good', async () => {
    const kit = host();
    const login = loginOf('ben');
    expect(await kit.check(login)).to.deep.equal({ alive: true });
    await kit.logout(login);
    expect(await kit.check(login)).to.deep.equal({ alive: false, reason: 'logout' });
    expect(await host().check(login)).to.deep.equal({ alive: false, reason: 'logout' });
  });

  it('gives the page a token that opens a tab, and a logout closes it', async () => {
    const kit = host();
    const login = loginOf('cleo');
    const tab = await openTab(vigil.url, kit.tokenFor(login));
    await kit.logout(login);
    expect((await tab.next('ended')).message.reason).to.equal('logout');
  });

  it('says that it cannot be known where Vigil does not answer or does not take the key', async () => {
    const away = createVigilHost({ url: 'http://127.0.0.1:9', key: SECRET });
    const stranger = createVigilHost({ url: vigil.url, key: 'another secret, of thirty-two bytes and more' });
    for (const kit of [away, stranger]) {
      const error = await kit.check(loginOf('dan')).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(VigilUnavailable);
    }
  });

  it('asks once for as long as a yes is remembered, and a webhook makes it forget at once', async () => {
    let asked = 0;
    const counting: typeof fetch = (...args) => {
      asked += 1;
      return fetch(...args);
    };
    const kit = host({ cacheMs: 60_000, fetch: counting });
    const login = loginOf('eve');
    await kit.check(login);
    await kit.check(login);
    expect(asked).to.equal(1);

    const dropped: unknown[] = [];
    const receiver = kit.webhook({ secret: WEBHOOK_SECRET, onEnded: (ended) => void dropped.push(ended) });
    const event = endedEvent('1700000000000-000001', 'eve');
    await serving(
      createServer((req, res) => void receiver(req, res)),
      async (url) => {
        expect((await send(url, event)).status).to.equal(204);
        expect((await send(url, event)).status, 'a second copy').to.equal(204);
      },
    );
    expect(dropped).to.deep.equal([
      { account: 'acme', agent: 'eve', sids: [sidOf('session of eve')], reason: 'timeout', omitted: 0 },
    ]);
    expect(await kit.check(login)).to.deep.equal({ alive: false, reason: 'timeout' });
    expect(asked).to.equal(1);
  });

  it('asks anew about every login of an agent whose ended ones did not fit into the webhook', async () => {
    let asked = 0;
    const kit = host({
      cacheMs: 60_000,
      fetch: (...args: Parameters<typeof fetch>) => {
        asked += 1;
        return fetch(...args);
      },
    });
    const [login, colleague] = [loginOf('hal'), loginOf('ida')];
    await kit.check(login);
    await kit.check(colleague);
    const receiver = kit.webhook({ secret: WEBHOOK_SECRET });
    const { data, ...event } = endedEvent('1700000000000-000003', 'hal');
    await serving(
      createServer((req, res) => void receiver(req, res)),
      async (url) => {
        const cut = { ...event, data: { ...data, sessions: [], sessionsOmitted: 50 } };
        await send(url, cut);
      },
    );
    await kit.check(login);
    expect(asked).to.equal(3);
    await kit.check(colleague);
    expect(asked, 'of nobody else').to.equal(3);
  });

  it('checks and ends a login by its sid alone, and begins none by asking', async () => {
    const kit = host();
    const login = loginOf('jon');
    const bySid = { account: 'acme', sid: sidOf(login.sessionId) };
    expect(await kit.checkSession(bySid)).to.deep.equal({ alive: false, reason: 'unknown' });
    expect(await kit.check(login)).to.deep.equal({ alive: true });
    expect(await kit.checkSession(login)).to.deep.equal({ alive: true });
    await kit.logout(bySid);
    expect(await kit.checkSession(bySid)).to.deep.equal({ alive: false, reason: 'logout' });
  });

  it('takes no yes that is about another login', async () => {
    const mistaken: typeof fetch = async () =>
      new Response(null, { status: 204, headers: { 'x-vigil-session': 'another' } });
    const error = await host({ fetch: mistaken })
      .check(loginOf('kim'))
      .catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(VigilUnavailable);
  });

  it('says what login pages may offer, and to whom a ticket may go', async () => {
    const kit = host();
    const options = { agent: { rememberMe: true }, requester: { rememberMe: true } };
    expect(await kit.loginOptions('acme')).to.deep.equal(options);
    await kit.check({ ...loginOf('lea'), name: 'Lea', autoAssign: true });
    expect(await kit.availableAgents('acme')).to.deep.equal([{ id: 'lea', name: 'Lea' }]);
  });

  it('takes no webhook that is unsigned, altered, old or too large, and asks again for what it failed at', async () => {
    let fails = true;
    const said: string[] = [];
    const receiver = host({ log: (message: string) => said.push(message) }).webhook({
      secret: WEBHOOK_SECRET,
      onEvent() {
        if (fails) throw new Error('the database is away');
      },
    });
    await serving(
      createServer((req, res) => void receiver(req, res)),
      async (url) => {
        const event = endedEvent('1700000000000-000002', 'fay');
        expect((await fetch(url, { method: 'POST', body: JSON.stringify(event) })).status).to.equal(400);
        expect((await send(url, event, { alter: true })).status).to.equal(400);
        expect((await send(url, event, { at: new Date(Date.now() - 3_600_000) })).status).to.equal(400);
        expect((await fetch(url, { method: 'POST', body: 'x'.repeat(30_000) })).status).to.equal(413);
        expect((await send(url, event)).status).to.equal(500);
        fails = false;
        expect((await send(url, event)).status).to.equal(204);
        expect((await send(url, event, { alter: true })).status).to.equal(400);
      },
    );
    expect(said, 'each once').to.deep.equal([
      'vigil: a webhook was refused (400): Missing required headers',
      'vigil: a webhook was refused (400): the signature does not match (same VIGIL_WEBHOOK_SECRET on both sides?)',
      'vigil: a webhook was refused (400): Message timestamp too old',
      'vigil: a webhook was refused (413): longer than 20 kB',
      'vigil: a webhook was not taken (500), and comes again: Error: the database is away',
    ]);
  });

  it('says so where a body parser was there before the webhook receiver', async () => {
    const said: string[] = [];
    const receiver = host({ log: (message: string) => said.push(message) }).webhook({
      secret: WEBHOOK_SECRET,
    });
    const parsed = createServer((req, res) => req.on('end', () => void receiver(req, res)).resume());
    await serving(parsed, async (url) => {
      expect((await send(url, endedEvent('1700000000000-000004', 'kay'))).status).to.equal(400);
    });
    expect(said.join()).to.include('before any body parser');
  });

  it('sets an agent available again', async () => {
    const kit = host();
    await kit.check({ ...loginOf('lou'), account: 'lou-inc', autoAssign: true });
    const lou = { account: 'lou-inc', agent: 'lou' };
    await kit.setAvailability(lou, false);
    expect(await kit.availableAgents('lou-inc')).to.deep.equal([]);
    await kit.setAvailability(lou, true);
    expect(await kit.availableAgents('lou-inc')).to.deep.equal([{ id: 'lou', name: null }]);
  });

  it('lets only live sessions pass, says how others ended, and closes while nobody can be asked', async () => {
    const login = loginOf('gil');
    const kit = host();
    const gate = kit.requireLive({
      login: (req) => (req.url === '/public' ? null : req.url === '/open' ? undefined : login),
      onEnded(_req, res, reason) {
        res.statusCode = 401;
        res.end(reason);
      },
    });
    const desk = createServer((req, res) => void gate(req, res, () => res.end('in')));
    await serving(desk, async (url) => {
      expect(await (await fetch(url)).text()).to.equal('in');
      await kit.logout(login);
      const refused = await fetch(url);
      expect([refused.status, await refused.text()]).to.deep.equal([401, 'logout']);
      for (const nobodys of ['/public', '/open'])
        expect(await (await fetch(url + nobodys)).text()).to.equal('in');
    });
    const away = createVigilHost({ url: 'http://127.0.0.1:9', key: SECRET, log() {} }).requireLive({
      login: () => login,
      onEnded() {},
    });
    await serving(
      createServer((req, res) => void away(req, res, () => res.end('in'))),
      async (url) => expect((await fetch(url)).status).to.equal(503),
    );
  });
});

function endedEvent(id: string, agent: string) {
  const data = {
    agent,
    sessions: [sidOf(`session of ${agent}`)],
    reason: 'timeout',
    inactivity: 'not_open',
    lastActivityAt: 1,
  };
  return { id, type: 'session.ended', account: 'acme', at: 2, data };
}

async function send(url: string, event: { id: string }, { alter = false, at = new Date() } = {}) {
  const body = JSON.stringify(event);
  return fetch(url, {
    method: 'POST',
    headers: {
      'webhook-id': event.id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(WEBHOOK_SECRET).sign(event.id, at, body),
    },
    body: alter ? body.replace('timeout', 'logout') : body,
  });
}
