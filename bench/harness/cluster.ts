import { startRedis } from '../../test/support/redis.ts';
import { signToken } from '../../test/support/tokens.ts';
import type { Opened } from './opened.ts';
import { type MeasuredServer, startVigilNode } from './servers.ts';

/** Nodes on one Redis. */
export async function startNodes(
  opened: Opened,
  count: number,
  env: Record<string, string> = {},
): Promise<MeasuredServer[]> {
  const redis = opened.using(await startRedis());
  const nodes: MeasuredServer[] = [];
  for (let index = 0; index < count; index += 1)
    nodes.push(opened.using(await startVigilNode({ REDIS_URL: redis.url, ...env })));
  return nodes;
}

/** Gives accounts a timeout, as a manager of each would. */
export async function setTimeouts(url: string, accounts: string[], timeoutSeconds: number): Promise<void> {
  for (const account of accounts) {
    const token = signToken({ account, sub: 'manager', permissions: ['manage_security'] });
    const answer = await fetch(`${url}/v1/policy`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ timeoutSeconds, rememberMe: { agent: true, requester: true } }),
    });
    if (!answer.ok) throw new Error(`The policy was refused: ${answer.status} ${await answer.text()}`);
  }
}
