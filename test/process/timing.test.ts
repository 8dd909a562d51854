import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import type { VigilProcess } from '../support/node-process.ts';
import { openTab, Tab } from '../support/tab.ts';
import { describeTogether } from '../support/together.ts';
import { signToken } from '../support/tokens.ts';
import { pause, until } from '../support/waiting.ts';
import { expectOnTime, LATE_MS, LEAD_MS, setTimeoutOf, startShortNode, TIMEOUT_MS } from './short-node.ts';

let node: VigilProcess;
const open: Tab[] = [];

/** Enough for the longest wait of a test: a timeout that input has pushed back once. */
const WAIT_MS = 2 * TIMEOUT_MS + 2_000;

async function tabOf(token: string): Promise<Tab> {
  const tab = await openTab(node.url, token);
  open.push(tab);
  return tab;
}

/** Three tabs of an agent who has just logged in. */
async function threeTabs(sub: string): Promise<[Tab, Tab, Tab]> {
  const tabs = await Promise.all([1, 2, 3].map(() => tabOf(signToken({ sub }))));
  return tabs as [Tab, Tab, Tab];
}

const suite = {
  setUp: async () => {
    node = await startShortNode();
  },
  tearDown: async () => {
    for (const tab of open) tab.close();
    await node.close();
  },
  timeoutMs: 20_000,
};

describeTogether('the clock of a running node', suite, (test) => {
  test('warns every tab at its moment and ends them at theirs, many agents at once', async () => {
    const agents = Array.from({ length: 20 }, (_, index) => `punctual ${index}`);
    await Promise.all(
      agents.map(async (sub, index) => {
        // Spread, so that each has a moment of its own.
        await pause(index * 35);
        const tabs = await threeTabs(sub);
        tabs[0].activity();
        const input = Date.now();
        await Promise.all(
          tabs.map(async (tab) => {
            const warning = await tab.next('warning', () => true, WAIT_MS);
            const { deadlineAt, endsAt } = warning.message;
            expect(deadlineAt - TIMEOUT_MS - input, 'the input that counts').to.be.within(-5, LATE_MS);
            expectOnTime(warning, deadlineAt - LEAD_MS);
            const ended = await tab.next('ended', () => true, WAIT_MS);
            expect(ended.message.reason).to.equal('timeout');
            expectOnTime(ended, endsAt);
            expect(endsAt).to.be.within(deadlineAt, deadlineAt + LATE_MS);
            expect(tab.all('warning'), 'one warning').to.have.length(1);
          }),
        );
      }),
    );
  });

  test('keeps all of an agent’s tabs by input in one of them', async () => {
    const tabs = await threeTabs('busy in one tab');
    const until = Date.now() + 2 * TIMEOUT_MS;
    while (Date.now() < until) {
      tabs[1].activity();
      await pause(TIMEOUT_MS / 4);
    }
    for (const tab of tabs) {
      expect(tab.all('warning')).to.deep.equal([]);
      expect(tab.all('ended')).to.deep.equal([]);
      expect(tab.socket.connected).to.equal(true);
    }
  });

  test('takes the warning from every tab at once when one of them has input', async () => {
    const tabs = await threeTabs('back in time');
    await Promise.all(tabs.map((tab) => tab.next('warning', () => true, WAIT_MS)));
    const input = Date.now();
    tabs[2].activity();
    for (const tab of tabs) {
      const resumed = await tab.next('session', ({ rev }) => rev > tab.all('warning')[0]!.message.rev);
      expect(resumed.message.state).to.equal('active');
      expect(resumed.at - input, 'dismissed').to.be.below(LATE_MS);
      expect(resumed.message.deadlineAt - TIMEOUT_MS - input).to.be.within(-5, LATE_MS);
    }
    expect(tabs.flatMap((tab) => tab.all('ended'))).to.deep.equal([]);
  });

  test('counts no connecting, focusing or calling as activity', async () => {
    const token = signToken({ sub: 'never typed' });
    const first = await tabOf(token);
    const { deadlineAt } = first.all('session')[0]!.message;
    const stop = Date.now() + TIMEOUT_MS - LEAD_MS - 500;
    while (Date.now() < stop) {
      first.focus(false);
      first.focus(true);
      (await tabOf(token)).close();
      const [session, verify] = [
        apiOf(node.url, token).get('/v1/session'),
        apiOf(node.url, token).get('/v1/verify'),
      ];
      expect((await session).body.deadlineAt).to.equal(deadlineAt);
      expect((await verify).status).to.equal(204);
      await pause(250);
    }
    const warning = await first.next('warning', () => true, WAIT_MS);
    expect(warning.message.deadlineAt).to.equal(deadlineAt);
    expectOnTime(await first.next('ended', () => true, WAIT_MS), warning.message.endsAt);
  });

  test('counts no input of a tab that is not visible', async () => {
    const tab = await tabOf(signToken({ sub: 'behind another' }));
    const { deadlineAt } = tab.all('session')[0]!.message;
    tab.focus(false);
    const stop = setInterval(() => tab.activity(), 200);
    const warning = await tab.next('warning', () => true, WAIT_MS).finally(() => clearInterval(stop));
    expect(warning.message.deadlineAt).to.equal(deadlineAt);
  });

  test('counts what was typed before the tab was hidden, also when it is reported late', async () => {
    const token = signToken({ sub: 'late report' });
    const tab = await tabOf(token);
    await pause(1_500);
    const input = Date.now() - 1_000;
    tab.focus(false, false, 300);
    tab.activity(1_000);
    const known = await until(async () => {
      const { body } = await apiOf(node.url, token).get('/v1/session');
      return body.lastActivityAt >= input && body.lastActivityAt;
    }, 'the late report');
    expect(known - input).to.be.below(LATE_MS);
  });

  test('tells a tab that opens during the warning where it stands', async () => {
    const token = signToken({ sub: 'opens one more' });
    const tab = await tabOf(token);
    const { message } = await tab.next('warning', () => true, WAIT_MS);
    const second = new Tab(node.url, token);
    open.push(second);
    const session = (await second.next('session')).message;
    expect(session).to.include({ state: 'warning', endsAt: message.endsAt, rev: message.rev });
    expectOnTime(await second.next('ended', () => true, WAIT_MS), message.endsAt);
  });

  test('ends a session without any tab just the same', async () => {
    const token = signToken({ sub: 'nowhere open' });
    const { body } = await apiOf(node.url, token).get('/v1/session');
    await pause(body.deadlineAt - Date.now() - 100);
    const before = await apiOf(node.url, token).get('/v1/session');
    expect(before.status).to.equal(200);
    expect(before.body.state).to.equal('warning');
    await pause(before.body.endsAt - Date.now() + LATE_MS);
    const after = await apiOf(node.url, token).get('/v1/session');
    expect(after.status).to.equal(401);
    expect(after.body).to.include({ code: 'session_ended', reason: 'timeout' });
  });

  test('brings the warning at once where the timeout is shortened, and a whole lead before the end', async () => {
    await setTimeoutOf(node.url, 'shortened', 3_600);
    const tab = await tabOf(
      signToken({ sub: 'long gone', account: 'shortened', auth_time: Date.now() / 1000 - 600 }),
    );
    expect(tab.all('session')[0]!.message.timeoutMs).to.equal(3_600_000);
    const changed = Date.now();
    await setTimeoutOf(node.url, 'shortened', TIMEOUT_MS / 1000);
    const warning = await tab.next('warning');
    expect(warning.at - changed).to.be.below(LATE_MS + 100);
    expect(warning.message.endsAt - warning.message.serverTime).to.be.within(LEAD_MS - LATE_MS, LEAD_MS);
    const ended = await tab.next('ended', () => true, WAIT_MS);
    expectOnTime(ended, warning.message.endsAt);
    expect(ended.message.endedAt - changed).to.be.at.least(LEAD_MS);
  });
});
