import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { measureLateness } from '../support/measuring.ts';
import type { VigilProcess } from '../support/node-process.ts';
import { createRandom } from '../support/random.ts';
import { frame, openRawSocket, openRawTab, type RawSocket } from '../support/raw-socket.ts';
import { openTab, type Tab } from '../support/tab.ts';
import { signServiceToken, signToken } from '../support/tokens.ts';
import { pause, until } from '../support/waiting.ts';
import { ODD_VALUES, randomFrame, randomMessage, TAB_EVENTS } from './hostile.ts';
import { LATE_MS, startShortNode, TIMEOUT_MS } from './short-node.ts';

/** More of them, and of every other kind: `npm run test:fuzz`. */
const FRAMES = 5_000;

describe('a node under abuse', function () {
  this.timeout(120_000);
  const cleanup = cleanupAfterAll();
  const lateness = cleanup.using(measureLateness());
  let node: VigilProcess;
  let bystander: Tab;
  let slowestMs = 0;
  let watching = true;
  let watch: Promise<void>;
  let silent: RawSocket;

  before(async () => {
    node = cleanup.using(await startShortNode());
    bystander = cleanup.using(await openTab(node.url, signToken({ sub: 'bystander', auto_assign: true })));
    // Opens a connection, and then says nothing at all.
    silent = cleanup.using(await openRawSocket(node.port));
    // Somebody who works through all of this: types, and asks something that is answered by the engine.
    watch = (async () => {
      while (watching) {
        bystander.activity();
        const start = performance.now();
        const { status } = await apiOf(node.url, signServiceToken()).get('/v1/agents/available');
        slowestMs = Math.max(slowestMs, performance.now() - start);
        if (status !== 200) throw new Error(`the bystander's call was answered ${status}`);
        await pause(TIMEOUT_MS / 20);
      }
    })();
    watch.catch(() => {});
  });

  after(() => {
    watching = false;
  });

  /** Nobody else has felt anything; the process is the one that was started. */
  async function expectUnharmed(): Promise<void> {
    expect(
      node.running,
      node.logs
        .slice(-5)
        .map((line) => JSON.stringify(line))
        .join('\n'),
    ).to.equal(true);
    expect((await apiOf(node.url).get('/healthz')).status).to.equal(200);
    expect((await apiOf(node.url).get('/readyz')).status).to.equal(200);
    expect(bystander.socket.connected).to.equal(true);
    expect(bystander.all('warning').concat(bystander.all('ended') as never)).to.deep.equal([]);
    const failures = node.logs.filter(({ level = 0 }) => level >= 50);
    expect(failures, 'nothing failed inside').to.deep.equal([]);
  }

  const attacker = (sub = 'attacker') => signToken({ sub, auto_assign: true });

  it('answers malformed payloads of every event with bad_payload, and changes nothing', async () => {
    for (const event of TAB_EVENTS) {
      for (const value of ODD_VALUES) {
        // Any object is a logout that says no more.
        if (event === 'logout' && value.startsWith('{')) continue;
        const raw = cleanup.using(await openRawTab(node.port, attacker('malformed')));
        raw.send(`427["${event}",${value}]`);
        const answer = await raw.waitForMessage(
          (text) => text.startsWith('437'),
          `an answer to ${event} ${value.slice(0, 60)}`,
        );
        expect(answer, `${event} ${value.slice(0, 60)}`).to.equal('437[{"ok":false,"code":"bad_payload"}]');
        expect(raw.isOpen).to.equal(true);
        raw.close();
      }
    }
    const { body } = await apiOf(node.url, signServiceToken()).get('/v1/agents/malformed');
    expect(body).to.include({ available: true });
    await expectUnharmed();
  });

  it('survives missing acknowledgements, missing payloads and too many arguments', async () => {
    const raw = cleanup.using(await openRawTab(node.port, attacker('no acks')));
    for (const message of [
      '42["availability",{"available":false}]',
      '42["availability"]',
      '42["logout",null]',
      '42["activity"]',
      '42["focus"]',
      '429["availability"]',
      '42["activity",{"idleMs":0},{"idleMs":0},null]',
    ]) {
      raw.send(message);
    }
    await until(async () => {
      const { body } = await apiOf(node.url, signServiceToken()).get('/v1/agents/no%20acks');
      return body.available === false;
    }, 'the request that wanted no answer');
    expect(raw.isOpen).to.equal(true);
    // No event at all: the connection goes, or goes on as if nothing had come.
    for (const message of ['42[]', '42', '42[null]', '4299999999999999999999[']) {
      const broken = cleanup.using(await openRawTab(node.port, attacker('no acks')));
      broken.send(message);
      broken.send('427["focus",{"visible":true,"focused":true}]');
      const answer = await broken
        .waitForMessage((text) => text.startsWith('437'), 'an answer')
        .catch(() => null);
      if (answer === null) expect(broken.isOpen, message).to.equal(false);
      else expect(answer, message).to.equal('437[{"ok":true}]');
    }
    await expectUnharmed();
  });

  it('disconnects a socket that goes on sending what is malformed, and it alone', async () => {
    const other = cleanup.using(await openTab(node.url, signToken({ sub: 'colleague' })));
    const tab = cleanup.using(await openTab(node.url, attacker('stubborn')));
    for (let round = 0; round < 60; round += 1) tab.socket.emit('activity', null as never);
    await tab.disconnected();
    expect(other.socket.connected).to.equal(true);
    // Its session is not what went wrong.
    cleanup.using(await openTab(node.url, attacker('stubborn')));
    await expectUnharmed();
  });

  it('is not drowned by a flood of well-formed events', async () => {
    const tabs = await Promise.all([1, 2, 3, 4, 5].map((n) => openTab(node.url, attacker(`flood ${n}`))));
    const stop = Date.now() + 2_000;
    while (Date.now() < stop) {
      for (const tab of tabs) {
        if (!tab.socket.connected) continue;
        for (let round = 0; round < 200; round += 1) tab.activity(round);
      }
      await pause(5);
    }
    for (const tab of tabs) tab.close();
    await expectUnharmed();
  });

  it(`lives through ${FRAMES} random frames`, async () => {
    const random = createRandom();
    const opened: RawSocket[] = [];
    let sent = 0;
    try {
      while (sent < FRAMES) {
        const raw = await openRawTab(node.port, attacker(`fuzz ${opened.length % 20}`));
        opened.push(raw);
        // Until the server has had enough of it, or a fifth of a second's worth.
        for (let count = 0; count < 150 && raw.isOpen && sent < FRAMES; count += 1, sent += 1) {
          raw.sendBytes(randomFrame(random));
          if (count % 10 === 0) await pause(0);
        }
        raw.close();
        expect(node.running, `seed ${random.seed}`).to.equal(true);
      }
      await expectUnharmed();
    } catch (error) {
      throw new Error(`after ${sent} frames of seed ${random.seed}`, { cause: error });
    }
  });

  it('lives through frames that come before any login', async () => {
    const random = createRandom();
    for (let round = 0; round < 100; round += 1) {
      const raw = await openRawSocket(node.port);
      for (let count = 0; count < 20 && raw.isOpen; count += 1) raw.sendBytes(randomFrame(random));
      raw.close();
    }
    await expectUnharmed();
  });

  it('drops messages above 16 kB with their connection', async () => {
    const raw = cleanup.using(await openRawTab(node.port, attacker('large')));
    raw.sendBytes(frame(`42["activity",{"idleMs":0,"padding":"${'x'.repeat(17_000)}"}]`));
    await raw.closed;
    await expectUnharmed();
  });

  it('takes nonsense by polling for what it is', async () => {
    const random = createRandom();
    const bodies = Array.from({ length: 200 }, () => randomMessage(random));
    const answers = await Promise.all(
      bodies.map(async (body, index) => {
        const base = `${node.url}/socket.io/?EIO=4&transport=polling`;
        if (index % 2 === 0)
          return (await fetch(`${base}&sid=${encodeURIComponent(body.slice(0, 30))}`)).status;
        const opened = await (await fetch(base)).text();
        const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
        return (await fetch(`${base}&sid=${sid}`, { method: 'POST', body })).status;
      }),
    );
    expect(answers.filter((status) => status >= 500)).to.deep.equal([]);
    await expectUnharmed();
  });

  it('answers odd HTTP with a code, never with a stack or a 500', async () => {
    const token = signToken({ sub: 'manager', permissions: ['manage_security'] });
    const send = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
      fetch(node.url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body }),
      });
    const requests: [string, string, string?, Record<string, string>?][] = [
      ...ODD_VALUES.map((value): [string, string, string] => ['PUT', '/v1/policy', value]),
      ...ODD_VALUES.map((value): [string, string, string] => ['POST', '/v1/policy/preview', value]),
      ...ODD_VALUES.map((value): [string, string, string] => [
        'PUT',
        '/v1/agents/manager/availability',
        value,
      ]),
      ['PUT', '/v1/policy', '{"timeoutSeconds":'],
      ['PUT', '/v1/policy', 'x'.repeat(100_000)],
      ['PUT', '/v1/policy', '{}', { 'content-type': 'text/plain' }],
      ['PUT', '/v1/policy', '{}', { 'content-type': 'application/json; charset=utf-99' }],
      ['PUT', '/v1/policy', '{}', { 'content-encoding': 'gzip' }],
      ['GET', '/v1/agents/%E0%A4%A'],
      ['GET', '/v1/agents/%00'],
      ['GET', `/v1/agents/${'x'.repeat(6_000)}`],
      ['GET', '/v1/agents?limit=-1'],
      ['GET', '/v1/agents?limit=1e9&cursor=__proto__'],
      ['GET', '/v1/agents?state[]=active&state[$ne]=1'],
      ['GET', '/v1/audit?type=x&type=y&cursor=%00'],
      ['GET', '/v1/login-options'],
      ['GET', '/v1/login-options?account=a&account=b'],
      ['GET', '/v1/login-options?account=%FF'],
      ['GET', '/v1/nothing'],
      ['PATCH', '/v1/policy', '{}'],
      ['GET', '//v1/policy'],
      ['GET', '/../../etc/passwd'],
      ['GET', '/vigil.js/../../package.json'],
      ['GET', '/%2e%2e/package.json'],
    ];
    for (const [method, path, body, headers] of requests) {
      const response = await send(method, path, body, headers);
      const text = await response.text();
      const what = `${method} ${path.slice(0, 80)} ${(body ?? '').slice(0, 60)}: ${response.status} ${text.slice(0, 200)}`;
      expect(response.status, what).to.be.below(500);
      expect(text, what).to.not.match(/\n\s+at |node_modules|\.ts:\d/);
      if (response.status >= 400 && path.startsWith('/v1/')) {
        expect(response.headers.get('content-type'), what).to.match(/^application\/problem\+json/);
        expect(JSON.parse(text).code, what).to.be.a('string');
      }
    }
    await expectUnharmed();
  });

  it('has closed the connection that never logged in', async () => {
    await silent.closed;
    await expectUnharmed();
  });

  it('has let a bystander work on all the while', async () => {
    watching = false;
    await watch;
    await expectUnharmed();
    expect(bystander.received.map(({ event }) => event).filter((event) => event !== 'session')).to.deep.equal(
      [],
    );
    expect(slowestMs, 'the slowest of the bystander’s calls').to.be.below(1_000 + lateness.worstMs);
    const asked = performance.now();
    expect(await bystander.availability(false)).to.deep.equal({ ok: true, available: false });
    expect(performance.now() - asked).to.be.below(LATE_MS + lateness.worstMs);
  });
});
