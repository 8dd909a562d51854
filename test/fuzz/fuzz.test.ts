import { expect } from 'chai';
import fc from 'fast-check';
import { setTimeoutOf } from '../process/short-node.ts';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { type Heap, watchHeap } from '../support/heap.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { startRedis } from '../support/redis.ts';
import { openTab, type Tab } from '../support/tab.ts';
import { agentClaims, newSid, SECRET, sign, signServiceToken } from '../support/tokens.ts';
import { pause } from '../support/waiting.ts';
import { httpCase } from './http-cases.ts';
import { type Case, isWhole, Player } from './player.ts';
import { handshakeCase, pollingCase, socketCase } from './socket-cases.ts';

const CASES = Number(process.env.VIGIL_FUZZ_CASES ?? 5_000);
const SEED = Number(process.env.VIGIL_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Cases that are played at the same time. */
const LANES = 8;
/** Before the first measurement: what is made once, has been. */
const WARM_UP = 0.2;
/** What may be more in use at the end than after the warm-up: noise of the heap, and a trail in the audit log’s cache. */
const MAX_GROWTH_BYTES = 8_000_000;
const WORK_EVERY_MS = 500;

const anyCase: fc.Arbitrary<Case> = fc.oneof(
  { weight: 10, arbitrary: httpCase },
  { weight: 7, arbitrary: socketCase },
  { weight: 2, arbitrary: pollingCase },
  { weight: 1, arbitrary: handshakeCase },
);

/** Somebody who works through all of it. */
class Bystander {
  readonly #node: VigilProcess;
  readonly #tab: Tab;
  #working = true;
  readonly #work: Promise<void>;

  private constructor(node: VigilProcess, tab: Tab) {
    this.#node = node;
    this.#tab = tab;
    this.#work = this.#goOn();
    this.#work.catch(() => {});
  }

  static async at(node: VigilProcess): Promise<Bystander> {
    const claims = { sub: 'bystander', sid: newSid(), auto_assign: true };
    return new Bystander(node, await openTab(node.url, sign(agentClaims(Date.now(), claims))));
  }

  async #goOn(): Promise<void> {
    while (this.#working) {
      this.#tab.activity();
      const { status, body } = await apiOf(this.#node.url, signServiceToken()).get('/v1/agents/bystander');
      expect(status, 'the bystander’s call').to.equal(200);
      expect(body).to.include({ tabs: 1, sessions: 1, warned: false });
      await pause(WORK_EVERY_MS);
    }
  }

  async finish(): Promise<void> {
    this.#working = false;
    await this.#work;
    expect(this.#tab.socket.connected).to.equal(true);
    expect(this.#tab.received.map(({ event }) => event).filter((event) => event !== 'session')).to.deep.equal(
      [],
    );
    expect(await this.#tab.availability(false)).to.deep.equal({ ok: true, available: false });
    this.#tab.close();
  }
}

/** Plays `count` cases that follow from the seed, some at a time; answers what is wrong with the node after one of them. */
async function playAll(node: VigilProcess, seed: number, count: number): Promise<void> {
  const player = new Player(node.port);
  const cases = fc.sample(anyCase, { seed, numRuns: count });
  let next = 0;
  const lane = async () => {
    while (next < cases.length) {
      const number = next;
      next += 1;
      const input = cases[number]!;
      const told = () => `case ${number} of seed ${seed}: ${JSON.stringify(input).slice(0, 2_000)}`;
      const status = await player.play(input).catch((cause: unknown) => {
        throw new Error(told(), { cause });
      });
      if (!node.running)
        throw new Error(`The node has ended at ${told()}: ${JSON.stringify(node.logs.slice(-3))}`);
      if (status === null && input.kind === 'http' && isWhole(input))
        throw new Error(`no answer to ${told()}`);
      if (status !== null && status >= 500 && status !== 505) throw new Error(`${status} to ${told()}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function fuzz(node: VigilProcess, heap: Heap, seed: number, count: number): Promise<string> {
  await setTimeoutOf(node.url, 'acme', 900);
  const bystander = await Bystander.at(node);
  const warmUp = Math.ceil(count * WARM_UP);
  await playAll(node, seed, warmUp);
  const before = await heap.usedBytes();
  await playAll(node, seed + 1, count - warmUp);
  await bystander.finish();
  const failures = node.logs.filter(({ level = 0 }) => level >= 50);
  expect(failures.slice(0, 3), `nothing failed inside (seed ${seed})`).to.deep.equal([]);
  expect((await apiOf(node.url).get('/readyz')).status).to.equal(200);
  const grown = (await heap.usedBytes()) - before;
  expect(grown, `bytes more in use than after the warm-up (seed ${seed})`).to.be.below(MAX_GROWTH_BYTES);
  return `${count} cases, seed ${seed}: ${(before / 1e6).toFixed(1)} MB in use, ${(grown / 1e6).toFixed(1)} MB more at the end`;
}

/** `VIGIL_FUZZ_SEED=… VIGIL_FUZZ_CASES=… npm run test:fuzz` repeats a run. */
describe('a node that is sent whatever there is', function () {
  this.timeout(Math.max(120_000, CASES * 100));
  const cleanup = cleanupAfterEach();

  const settings = (heap: Heap) => ({
    ...heap.env,
    VIGIL_DEMO: '1',
    VIGIL_JWT_SECRET: SECRET,
    VIGIL_TRUST_PROXY: '127.0.0.1',
    VIGIL_VERIFY_COOKIE: 'vigil',
  });

  it('stays, answers no 500, keeps what it uses of memory, and serves who works, on the memory engine', async () => {
    const heap = await watchHeap();
    const node = cleanup.using(await startVigil(settings(heap)));
    console.log(`      ${await fuzz(node, heap, SEED, Math.ceil(CASES * 0.8))}`);
  });

  it('does so on Redis', async () => {
    const redis = cleanup.using(await startRedis());
    const heap = await watchHeap();
    const node = cleanup.using(await startVigil({ ...settings(heap), REDIS_URL: redis.url }));
    console.log(`      ${await fuzz(node, heap, SEED + 2, Math.floor(CASES * 0.2))}`);
  });
});
