import { pause } from '../../test/support/waiting.ts';
import type { Bench } from '../harness/bench.ts';
import { setTimeouts, startNodes } from '../harness/cluster.ts';
import { startCrowd } from '../harness/crowd.ts';
import { withOpened } from '../harness/opened.ts';

const AGENTS = 10_000;
const ACCOUNTS = 10;
const TIMEOUT_MS = 40_000;
const LEAD_MS = 4_000;
const OPENING_MS = 20_000;

/** What one round found, in ms. */
interface Found {
  warned: number;
  ended: number;
  block: number;
  own: number;
}

export default {
  what: '10,000 agents due in the same second, a tab each, two nodes',
  run: async ({ rounds, scaled, say }) => {
    const found: Found[] = [];
    for (let round = 0; round < rounds; round += 1) {
      found.push(await once(scaled(AGENTS)));
      say(JSON.stringify(found.at(-1)));
    }
    return [
      {
        what: 'all 10,000 tabs warned, after the first was due',
        unit: 'ms',
        vigil: found.map(({ warned }) => warned),
        goal: { text: '≤ 1.5 s', atMost: 1_500 },
      },
      {
        what: 'all 10,000 tabs told their end, after the first was due',
        unit: 'ms',
        vigil: found.map(({ ended }) => ended),
        goal: { text: '≤ 1.5 s', atMost: 1_500 },
      },
      {
        what: 'longest block of a node’s event loop meanwhile',
        unit: 'ms',
        vigil: found.map(({ block }) => block),
        goal: { text: '≤ 50 ms', atMost: 50 },
      },
      {
        what: 'the longest without what it waited for a core: nodes, Redis and tabs share them',
        unit: 'ms',
        vigil: found.map(({ own }) => own),
        goal: { text: '≤ 50 ms', atMost: 50 },
      },
    ];
  },
} satisfies Bench;

function once(count: number): Promise<Found> {
  return withOpened(async (opened) => {
    const env = { VIGIL_MIN_TIMEOUT: `${TIMEOUT_MS}ms`, VIGIL_WARNING_LEAD: `${LEAD_MS}ms` };
    const nodes = await startNodes(opened, 2, env);
    const accounts = Array.from({ length: ACCOUNTS }, (_, index) => `account-${index}`);
    await setTimeouts(nodes[0]!.url, accounts, TIMEOUT_MS / 1_000);
    const crowd = opened.using(await startCrowd());
    const dueAt = Date.now() + OPENING_MS;
    await crowd.tabs.open({
      urls: nodes.map(({ url }) => url),
      count,
      to: 'vigil',
      accounts: ACCOUNTS,
      logins: { from: dueAt - TIMEOUT_MS + LEAD_MS, stepMs: 1_000 / count },
      leadMs: LEAD_MS,
    });
    if (Date.now() > dueAt - 500) throw new Error('The first were due before all had opened');
    await pause(dueAt - 500 - Date.now());
    for (const { probe } of nodes) await probe.watchLoop();
    const warned = await crowd.tabs.heard('warning', count);
    const ended = await crowd.tabs.heard('ended', count);
    const blocks = await Promise.all(nodes.map(({ probe }) => probe.longestBlockMs()));
    const own = await Promise.all(nodes.map(({ probe }) => probe.longestOwnMs()));
    return {
      warned: warned.lastAt - dueAt,
      ended: ended.lastAt - (dueAt + LEAD_MS),
      block: Math.max(...blocks),
      own: Math.max(...own),
    };
  });
}
