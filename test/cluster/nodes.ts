import { expect } from 'chai';
import type { VigilEvent } from '../../shared/events.ts';
import { setTimeoutOf } from '../process/short-node.ts';
import { apiOf } from '../support/api.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { signServiceToken } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';

/** What nodes of the same Redis have in common. */
export interface Times {
  leadMs: number;
  timeoutMs: number;
}

/** As short as waiting is bearable. */
export const SHORT: Times = { leadMs: 2_000, timeoutMs: 6_000 };

export function settingsFor(redisUrl: string, { leadMs, timeoutMs }: Times): Record<string, string> {
  return {
    REDIS_URL: redisUrl,
    VIGIL_WARNING_LEAD: `${leadMs}ms`,
    VIGIL_MIN_TIMEOUT: `${timeoutMs}ms`,
    VIGIL_TRUST_PROXY: '127.0.0.1',
  };
}

/** Node processes that share a Redis, with the timeout in force for `acme`. All of them start at the same moment. */
export async function startNodes(
  redisUrl: string,
  {
    times = SHORT,
    count = 3,
    env = {},
  }: { times?: Times; count?: number; env?: Record<string, string> } = {},
): Promise<VigilProcess[]> {
  const settings = { ...settingsFor(redisUrl, times), ...env };
  const nodes = await Promise.all(Array.from({ length: count }, () => startVigil(settings)));
  await setTimeoutOf(nodes[0]!.url, 'acme', times.timeoutMs / 1000);
  return nodes;
}

/** What the audit log says of an account, oldest first. */
export async function eventsOf(node: { url: string }, account = 'acme'): Promise<VigilEvent[]> {
  const api = apiOf(node.url, signServiceToken({ account }));
  const all: VigilEvent[] = [];
  for (;;) {
    const after = all.at(-1)?.id ?? '';
    const { status, body } = await api.get(`/v1/events?limit=100${after && `&after=${after}`}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    if (body.events.length === 0) return all;
    all.push(...body.events);
  }
}

/** The events of one type about one agent. */
export async function eventsAbout(
  node: { url: string },
  agent: string,
  type: VigilEvent['type'],
  account = 'acme',
): Promise<VigilEvent[]> {
  const events = await eventsOf(node, account);
  return events.filter((event) => {
    return event.type === type && 'agent' in event.data && event.data.agent === agent;
  });
}

export function isReady(node: { url: string }): Promise<boolean> {
  return fetch(`${node.url}/readyz`, { signal: AbortSignal.timeout(4_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

export async function untilReady(node: { url: string }, timeoutMs = 15_000): Promise<void> {
  await until(() => isReady(node), `${node.url} to be ready`, { timeoutMs, everyMs: 100 });
}

/** What a node has to say of a Redis that is away. */
const OF_AN_OUTAGE = 'what happened could not be told everybody; it will be told again';

/** No node has died, and none has met a fault of its own. */
export function expectSound(nodes: readonly VigilProcess[]): void {
  for (const node of nodes) {
    expect(node.running, `the node on port ${node.port} runs`).to.equal(true);
    const faults = node.logs.filter(({ level = 0, msg }) => level >= 50 && msg !== OF_AN_OUTAGE);
    expect(faults).to.deep.equal([]);
  }
}
