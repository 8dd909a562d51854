import { expect } from 'chai';
import { WebSocket } from 'ws';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { Crowd } from '../support/crowd.ts';
import { type Heap, watchHeap } from '../support/heap.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { startRedis } from '../support/redis.ts';
import { agentClaims, serviceClaims, sign } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';

const AGENTS = 50;
const ACCOUNTS = 10;
const STRANGERS = 400;
const ROUNDS = 3;
/** Of a round’s 300 logins each leaves a tombstone for 31 days and an entry in the audit log; the rest is noise of the heap. */
const MAX_GROWTH_BYTES = 4_000_000;

describe('the memory of a node after a storm', function () {
  this.timeout(120_000);
  const cleanup = cleanupAfterEach();

  /** Tabs and dashboards that connect, reconnect, time out of patience and log out; strangers that are refused. */
  async function storm(node: VigilProcess, round: number): Promise<void> {
    const account = (index: number) => `account-${index % ACCOUNTS}`;
    const claims = (index: number, more = {}) =>
      agentClaims(Date.now(), {
        account: account(index),
        sub: `agent-${index % AGENTS}`,
        sid: `sid-${round}-${index}`,
        auto_assign: true,
        permissions: ['manage_security'],
        ...more,
      });
    const token = (index: number) => sign(claims(index));
    // Three logins of each agent with a tab, and as many that never open one.
    const tabs = 3 * AGENTS;
    const crowd = new Crowd({ url: () => node.url, token });
    try {
      await crowd.open(tabs);
      for (const tab of crowd.tabs) crowd.input(tab);
      const dashboards = Array.from({ length: ACCOUNTS }, (_, index) => watch(node, token(index)));
      await Promise.all(dashboards.map(({ shown }) => shown));
      await Promise.all([
        refused(node),
        logins(
          node,
          Array.from({ length: tabs }, (_, index) => token(tabs + index)),
        ),
        ...Array.from({ length: ACCOUNTS }, (_, index) =>
          apiOf(node.url, token(index)).get('/v1/presence/history'),
        ),
      ]);
      for (const { socket } of dashboards) socket.terminate();
    } finally {
      crowd.close();
    }
    for (let index = 0; index < AGENTS; index += 1) {
      const service = sign(serviceClaims(Date.now(), { account: account(index) }));
      await apiOf(node.url, service).post(`/v1/agents/agent-${index}/sign-out`);
    }
    await until(
      async () => {
        const { body } = await apiOf(node.url).get('/metrics');
        return /^vigil_connections 0$/m.test(body);
      },
      'everybody to be gone',
      { timeoutMs: 20_000, everyMs: 100 },
    );
  }

  /** Strangers of as many networks, each refused by HTTP. */
  async function refused(node: VigilProcess): Promise<void> {
    for (let from = 0; from < STRANGERS; from += 50)
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          fetch(`${node.url}/v1/session`, {
            headers: {
              authorization: 'Bearer x',
              'x-forwarded-for': `2001:db8:0:${(from + index).toString(16)}::1`,
            },
          }).then((answer) => answer.arrayBuffer()),
        ),
      );
  }

  async function logins(node: VigilProcess, tokens: string[]): Promise<void> {
    for (const token of tokens)
      expect((await apiOf(node.url, token).get('/v1/session')).status).to.equal(200);
  }

  /** A dashboard that reads its snapshot, and nothing after it. */
  function watch(node: VigilProcess, token: string): { socket: WebSocket; shown: Promise<void> } {
    const socket = new WebSocket(`${node.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    const shown = new Promise<void>((resolve) => {
      socket
        .on('error', () => {})
        .on('message', (data) => {
          const text = String(data);
          if (text[0] === '0') socket.send(`40/presence,${JSON.stringify({ token })}`);
          if (!text.includes('"more":false')) return;
          socket.pause();
          resolve();
        });
    });
    return { socket, shown };
  }

  async function growthOf(node: VigilProcess, heap: Heap, afterFirst?: () => Promise<void>): Promise<number> {
    await storm(node, 0);
    await afterFirst?.();
    const before = await heap.usedBytes();
    for (let round = 1; round < ROUNDS; round += 1) await storm(node, round);
    expect(node.running).to.equal(true);
    return (await heap.usedBytes()) - before;
  }

  const settings = (heap: Heap) => ({ ...heap.env, VIGIL_TRUST_PROXY: '127.0.0.1' });

  it('is what it was before, on the memory engine', async () => {
    const heap = await watchHeap();
    const node = cleanup.using(await startVigil(settings(heap)));
    expect(await growthOf(node, heap)).to.be.below(MAX_GROWTH_BYTES);
  });

  it('is what it was before, on Redis, and so are its keys but for what is kept of logins and events', async () => {
    const redis = cleanup.using(await startRedis());
    const heap = await watchHeap();
    const node = cleanup.using(await startVigil({ ...settings(heap), REDIS_URL: redis.url }));
    const keysOf = async () => {
      const keys = await redis.command<string[]>('KEYS', '*');
      return keys.filter((key) => !key.endsWith(':due')).sort();
    };
    let before: string[] = [];
    const grown = await growthOf(node, heap, async () => {
      before = await keysOf();
    });
    expect(grown).to.be.below(MAX_GROWTH_BYTES);
    const after = await keysOf();
    expect(after, 'as many after three storms as after one').to.deep.equal(before);
    const kinds = after.map((key) => key.split(':').at(-1));
    for (const ofTheLiving of ['sids', 'waiting', 'warned']) expect(kinds).to.not.include(ofTheLiving);
    expect(after.filter((key) => key.includes(':tabs:'))).to.deep.equal([]);
  });
});
