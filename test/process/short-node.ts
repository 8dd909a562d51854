import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import type { Received } from '../support/tab.ts';
import { signServiceToken } from '../support/tokens.ts';

/** As short as waiting is bearable and still tells a warning from an end. */
export const TIMEOUT_MS = 6_000;
export const LEAD_MS = 2_000;
/** How late news may reach a tab (docs/reliability.md). */
export const LATE_MS = 250;
const OWN_LATE_MS = 250;

/** A node with a short timeout, in force for the account `acme` (and for those named). */
export async function startShortNode(
  env: Record<string, string> = {},
  accounts: string[] = ['acme'],
): Promise<VigilProcess> {
  const node = await startVigil({
    VIGIL_MIN_TIMEOUT: `${TIMEOUT_MS / 1000}s`,
    VIGIL_WARNING_LEAD: `${LEAD_MS / 1000}s`,
    ...env,
  });
  for (const account of accounts) await setTimeoutOf(node.url, account, TIMEOUT_MS / 1000);
  return node;
}

export async function setTimeoutOf(url: string, account: string, timeoutSeconds: number): Promise<void> {
  const body = { timeoutSeconds, rememberMe: { agent: true, requester: true } };
  const answer = await apiOf(url, signServiceToken({ account })).put('/v1/policy', body);
  expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
}

/** A message came at its moment or up to `LATE_MS` after it, and never before. */
export function expectOnTime(
  received: Received<'warning'> | Received<'ended'> | Received<'session'>,
  momentAt: number,
): void {
  const { message, at, event } = received;
  const told = 'serverTime' in message ? message.serverTime : (message as { endedAt: number }).endedAt;
  expect(told - momentAt, `${event} by the engine's clock`).to.be.within(0, LATE_MS);
  // Many tabs share the process of the test, which is late itself on a busy machine.
  expect(at - momentAt, `${event} by the tab's clock`).to.be.within(0, LATE_MS + OWN_LATE_MS);
}
