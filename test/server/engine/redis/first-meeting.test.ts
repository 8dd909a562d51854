import { expect } from 'chai';
import { systemClock } from '../../../../server/clock.ts';
import { EngineUnavailable } from '../../../../server/engine/engine.ts';
import { type OpenLink, openLink as openRealLink } from '../../../../server/redis/open-link.ts';
import { openSocketAdapter } from '../../../../server/socket-adapter.ts';
import { SECOND } from '../../../contract/engine/harness.ts';
import type { TestClock } from '../../../support/clock.ts';
import type { RedisServer } from '../../../support/redis.ts';
import { STRICT } from '../../../support/redis-engine.ts';
import { until } from '../../../support/waiting.ts';
import { type NodeUnderTest, nodesOnRedis, openNode, pass } from './node-under-test.ts';

describe('a node that starts on a Redis that has lost its data, before those that are there have looked', () => {
  const on = nodesOnRedis();
  const { open, loggedIn } = on;
  let redis: RedisServer;
  let clock: TestClock;
  let a: NodeUnderTest;

  beforeEach(async () => {
    ({ redis, clock } = on);
    a = await open();
  });

  const lose = () => redis.command('FLUSHALL');

  const settings = (timeoutSeconds: number) => ({
    timeoutSeconds,
    rememberMe: { agent: false, requester: true },
  });

  async function startsAndWaits(): Promise<{ starting: Promise<NodeUnderTest> }> {
    const said: string[] = [];
    const starting = open({ log: { ...STRICT, info: (_fields, message) => void said.push(message) } });
    await until(() => said.some((message) => message.includes('other nodes are there')), 'it to wait');
    return { starting };
  }

  /** Lets time pass by tenths until it is open; answers it and how long that took. */
  async function opened({ starting }: { starting: Promise<NodeUnderTest> }) {
    let node: NodeUnderTest | undefined;
    let waitedMs = 0;
    void starting.then((opened) => (node = opened));
    const look = () => {
      if (node !== undefined) return true;
      waitedMs += 100;
      clock.advance(100);
      return false;
    };
    await until(look, 'it to be open', { everyMs: 5 });
    return { node: node!, waitedMs };
  }

  /** As a node with its sockets does. */
  async function listen(): Promise<void> {
    on.cleanup.using(await openSocketAdapter({ kind: 'single', url: redis.url }, systemClock, () => {}));
  }

  it('is put back by these first: an ended login stays dead, a policy is in force', async () => {
    await listen();
    const { policy } = await a.engine.setPolicy({ account: 'acme', settings: settings(900), by: 'boss' });
    const login = await loggedIn(a, 'ann');
    await a.engine.admit(login, 't1');
    const gone = await loggedIn(a, 'bob');
    await a.engine.endSession({ account: 'acme', sid: gone.sid });
    // Longer ago than what nodes repeat.
    await pass(clock, 11 * SECOND, [a]);
    await lose();
    const waiting = await startsAndWaits();
    await a.engine.sweep();
    const { node: fresh } = await opened(waiting);
    expect(await fresh.engine.policy('acme')).to.deep.equal(policy);
    expect(await fresh.engine.admit(gone).catch((error: unknown) => error)).to.be.instanceOf(
      EngineUnavailable,
    );
    await pass(clock, 6 * SECOND, [a, fresh]);
    expect(await fresh.engine.admit(gone)).to.include({ ok: false, reason: 'lost' });
    expect((await fresh.engine.sessions([login]))[0]).to.include({ state: 'active' });
  });

  it('is begun anew where the others say nothing for 5 s', async () => {
    await listen();
    await lose();
    const { node, waitedMs } = await opened(await startsAndWaits());
    expect(waitedMs).to.be.at.least(5_000);
    await loggedIn(node, 'ann');
  });

  it('waits for the others, who may not be back yet, only in the first second of a Redis', async () => {
    await lose();
    let uptime = 0;
    const asked: string[] = [];
    const openLink: OpenLink = async (target) => {
      const link = await openRealLink(target);
      return {
        ...link,
        async send(key, words) {
          if (words[0] !== 'INFO' || words[1] !== 'server') return link.send(key, words);
          asked.push(words.join(' '));
          return `# Server\r\nuptime_in_seconds:${uptime}\r\nuptime_in_days:0\r\n`;
        },
      };
    };
    // Redis's own clock: where time is given, nobody waits for it.
    const starting = openNode({ target: { kind: 'single', url: redis.url }, clock, openLink });
    let isOpen = false;
    void starting.then(() => (isOpen = true));
    await until(() => asked.length > 0, 'it to look');
    for (let times = 2; times < 6; times += 1) {
      clock.advance(100);
      await until(() => asked.length === times, 'it to look again');
    }
    expect(isOpen).to.equal(false);
    uptime = 1;
    on.cleanup.using((await opened({ starting })).node);
  });
});
