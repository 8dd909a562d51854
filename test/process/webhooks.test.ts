import { expect } from 'chai';
import { run } from '../../cli/main.ts';
import type { VigilEvent } from '../../shared/events.ts';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { startRedis } from '../support/redis.ts';
import { openTab } from '../support/tab.ts';
import { SECRET, signServiceToken, signToken } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';
import { startReceiver, WEBHOOK_SECRET, type WebhookReceiver } from '../support/webhook-receiver.ts';

describe('webhooks of a running node', () => {
  const cleanup = cleanupAfterEach();

  const settingsFor = (receiver: WebhookReceiver) => ({
    VIGIL_WEBHOOK_URL: receiver.url,
    VIGIL_WEBHOOK_SECRET: WEBHOOK_SECRET,
  });

  async function begin({ url }: VigilProcess, agent: string, account = 'acme'): Promise<string> {
    const token = signToken({ sub: agent, account });
    expect((await apiOf(url, token).get('/v1/session')).status).to.equal(200);
    return token;
  }

  const came = (receiver: WebhookReceiver, count: number, timeoutMs = 10_000) =>
    until(
      () => idsOf(receiver.taken).size >= count,
      () => `${count} events; ${idsOf(receiver.taken).size} came of ${receiver.asked.length} attempts`,
      { timeoutMs },
    );

  it('come at once, signed, and hold what the audit log holds', async () => {
    const receiver = cleanup.using(await startReceiver());
    const node = cleanup.using(await startVigil(settingsFor(receiver)));
    const token = await begin(node, 'ann');
    await apiOf(node.url, token).delete('/v1/session');
    await came(receiver, 2, 1_000);
    expect(receiver.faults).to.deep.equal([]);
    const { events } = (await apiOf(node.url, signServiceToken()).get('/v1/events')).body;
    expect(receiver.taken).to.deep.equal(events);
    const metrics = await (await fetch(`${node.url}/metrics`)).text();
    expect(metrics).to.match(/vigil_webhooks_total\{outcome="delivered"\} 2/);
  }).timeout(20_000);

  it('come after a kill -9 between the event and its delivery', async () => {
    const receiver = cleanup.using(await startReceiver());
    receiver.reply = 503;
    const node = cleanup.using(await startVigil(settingsFor(receiver)));
    await begin(node, 'ann');
    await begin(node, 'bob');
    await until(() => receiver.asked.length > 0, 'a first attempt');
    await node.kill('SIGKILL');
    receiver.reply = 204;
    const again = cleanup.using(await node.restart());
    await came(receiver, 2);
    await begin(again, 'cem');
    await came(receiver, 3, 5_000);
    expect(receiver.taken.map(({ data }) => 'agent' in data && data.agent)).to.deep.equal([
      'ann',
      'bob',
      'cem',
    ]);
  }).timeout(30_000);

  it('are lost by none of several kill -9 while the receiver is away, and come as soon as it is back', async () => {
    const away = await startReceiver();
    await away.close();
    let node = cleanup.using(await startVigil(settingsFor(away)));
    const agents = Array.from({ length: 75 }, (_, n) => n);
    for (let life = 0; life < 4; life += 1) {
      await Promise.all(agents.map((n) => begin(node, `agent ${life} ${n}`, `account ${n % 10}`)));
      await node.kill('SIGKILL');
      node = cleanup.using(await node.restart());
    }
    const receiver = cleanup.using(await startReceiver(Number(new URL(away.url).port)));
    await came(receiver, 300, 60_000);
    expect(receiver.faults).to.deep.equal([]);
    expect(idsOf(receiver.taken).size).to.equal(300);
  }).timeout(90_000);

  it('stop after a 410, and come when the process is started anew', async () => {
    const receiver = cleanup.using(await startReceiver());
    receiver.reply = 410;
    const node = cleanup.using(await startVigil(settingsFor(receiver)));
    await begin(node, 'ann');
    await node.waitForLog(({ msg = '' }) => msg.includes('wants nothing any more'), 'what the receiver said');
    receiver.reply = 204;
    await begin(node, 'bob');
    const metrics = await (await fetch(`${node.url}/metrics`)).text();
    expect(metrics).to.match(/^vigil_webhook_stopped 1$/m);
    expect(receiver.asked).to.have.length(1);
    await node.kill('SIGTERM');
    cleanup.using(await node.restart());
    await came(receiver, 2, 3_000);
  }).timeout(30_000);

  it('hold no sign-out up where the receiver hangs, nor the end of the process', async () => {
    const receiver = cleanup.using(await startReceiver());
    receiver.reply = 'hang';
    const node = cleanup.using(await startVigil(settingsFor(receiver)));
    const tab = cleanup.using(await openTab(node.url, signToken({ sub: 'ann' })));
    await until(() => receiver.asked.length > 0, 'a first attempt');
    const start = Date.now();
    await apiOf(node.url, signServiceToken()).post('/v1/agents/ann/sign-out', {});
    expect((await tab.next('ended')).message.reason).to.equal('admin');
    expect(Date.now() - start).to.be.below(1_000);
    const leaving = Date.now();
    expect(await node.kill('SIGTERM')).to.deep.equal({ code: 0, signal: null });
    expect(Date.now() - leaving).to.be.below(8_000);
  }).timeout(30_000);

  it('have a list of dead letters, for the backend of the account alone, and a command for it', async () => {
    const node = cleanup.using(await startVigil());
    const backend = apiOf(node.url, signServiceToken());
    expect((await backend.get('/v1/webhooks/dead-letters')).body).to.deep.equal({ deadLetters: [] });
    expect((await backend.post('/v1/webhooks/dead-letters/resend', {})).body).to.deep.equal({ resending: 0 });
    const manager = apiOf(node.url, signToken({ sub: 'mia', permissions: ['manage_security'] }));
    for (const answer of [
      await manager.get('/v1/webhooks/dead-letters'),
      await manager.post('/v1/webhooks/dead-letters/resend', {}),
    ]) {
      expect([answer.status, answer.body.code]).to.deep.equal([403, 'forbidden']);
    }
    const told = async (...args: string[]) => {
      const said: string[] = [];
      const say = (text: string) => void said.push(text);
      const env = { VIGIL_JWT_SECRET: SECRET, VIGIL_URL: node.url, VIGIL_ACCOUNT: 'acme' };
      const terminal = { out: say, env, width: null, interrupted: Promise.resolve() };
      const code = await run(['dead-letters', ...args], terminal, say);
      return { code, out: said.join('') };
    };
    expect(await told()).to.deep.equal({ code: 0, out: 'None.\n' });
    expect(await told('--json')).to.deep.equal({ code: 0, out: '[]\n' });
    expect(await told('--resend')).to.deep.equal({ code: 0, out: '0 will be sent again.\n' });
  }).timeout(20_000);

  it('lose none of 1,000 events while nodes on one Redis are killed and the receiver is away', async () => {
    const redis = cleanup.using(await startRedis());
    const first = await startReceiver();
    const port = Number(new URL(first.url).port);
    const env = { ...settingsFor(first), REDIS_URL: redis.url };
    await first.close();
    let doomed = cleanup.using(await startVigil(env));
    const lasting = cleanup.using(await startVigil(env));

    const accounts = Array.from({ length: 10 }, (_, n) => `account ${n}`);
    for (let round = 0; round < 10; round += 1) {
      const begun = accounts.flatMap((account) =>
        Array.from({ length: 5 }, async (_, n) => {
          const node = n % 2 === 0 ? lasting : doomed;
          const token = await begin(node, `agent ${n}`, account);
          await apiOf(node.url, token).delete('/v1/session');
        }),
      );
      await Promise.all(begun);
      if (round % 4 !== 2) continue;
      await doomed.kill('SIGKILL');
      doomed = cleanup.using(await doomed.restart());
    }

    const receiver = cleanup.using(await startReceiver(port));
    const start = Date.now();
    // It is killed once more while it delivers.
    await until(() => receiver.taken.length > 50, 'the first of them', { timeoutMs: 60_000 });
    await doomed.kill('SIGKILL');
    await came(receiver, 1_000, 60_000);
    expect(Date.now() - start).to.be.below(60_000);
    expect(receiver.faults).to.deep.equal([]);
    expect(idsOf(receiver.taken).size).to.equal(1_000);
    expectOrderPerAgent(receiver.taken);
  }).timeout(180_000);
});

function idsOf(events: readonly VigilEvent[]): Set<string> {
  return new Set(events.map(({ id }) => id));
}

/** What comes twice counts where it came first. */
function expectOrderPerAgent(events: readonly VigilEvent[]): void {
  const newest = new Map<string, string>();
  const seen = new Set<string>();
  for (const { id, account, data } of events) {
    if (seen.has(id) || !('agent' in data)) continue;
    seen.add(id);
    const agent = `${account}/${data.agent}`;
    expect(id > (newest.get(agent) ?? ''), `${id} of ${agent}`).to.equal(true);
    newest.set(agent, id);
  }
}
