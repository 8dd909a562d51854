import type { AgentRecord, PresenceChanges } from '../engine.ts';
import { decodeId, encodeId } from '../ids.ts';
import { chunksOf } from './partitions.ts';

/** Agents that one script call reads, and names that one lists. */
const READ_BATCH = 200;
const WINDOW = 2_000;

/** Calls a script on the account's partition, with the account as its first own argument. */
export type AccountCall = (script: string, account: string, args: string[]) => Promise<unknown>;

/** One page of live agents, in the order of their encoded ids. */
export async function readPage(
  call: AccountCall,
  account: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<AgentRecord[]> {
  const afterKey = after === null ? '' : encodeId(after);
  const keys = (await listKeys(call, account)).filter((key) => key > afterKey).sort();
  const found: AgentRecord[] = [];
  for (let from = 0; found.length < limit && from < keys.length; ) {
    const batch = keys.slice(from, from + Math.min(READ_BATCH, limit - found.length));
    from += batch.length;
    for (const record of await readRecords(call, account, batch)) if (record !== null) found.push(record);
  }
  return found;
}

/** Who changed since the cursor; everybody where that is not known. What changes meanwhile is found from the next cursor on. */
export async function readChanges(
  call: AccountCall,
  account: string,
  { cursor, fresh }: { cursor: string | null; fresh: string },
): Promise<PresenceChanges> {
  const [generation = '', seq = ''] = (cursor ?? '').split(':');
  const number = /^\d+$/.test(seq) ? seq : '';
  const answer = (await call('watch-changes', account, [generation, number, fresh])) as WatchAnswer;
  const [nextGeneration, nextSeq, known, changed] = answer;
  const keys = (known === '1' ? changed : await listKeys(call, account)).sort();
  const agents: AgentRecord[] = [];
  const removed: string[] = [];
  for (const batch of chunksOf(keys, READ_BATCH)) {
    const records = await readRecords(call, account, batch);
    for (const [index, record] of records.entries()) {
      if (record !== null) agents.push(record);
      else if (known === '1') removed.push(decodeId(batch[index]!));
    }
  }
  return { cursor: `${nextGeneration}:${nextSeq}`, reset: known !== '1', agents, removed };
}

type WatchAnswer = [generation: string, seq: string, known: string, changed: string[]];

async function readRecords(
  call: AccountCall,
  account: string,
  keys: string[],
): Promise<(AgentRecord | null)[]> {
  return JSON.parse(String(await call('read-agents', account, keys))) as (AgentRecord | null)[];
}

/** The encoded ids of everybody who is live. */
async function listKeys(call: AccountCall, account: string): Promise<string[]> {
  const keys = new Set<string>();
  let from = '-inf';
  let window = WINDOW;
  for (;;) {
    const answer = await call('list-agents', account, [from, String(window)]);
    const [warned, waiting, last] = answer as [string[], string[], string];
    for (const key of warned) keys.add(key);
    for (const key of waiting) keys.add(key);
    if (last === '') return [...keys];
    // More than a window of the same moment: only a larger one gets past them.
    if (last === from) window *= 2;
    from = last;
  }
}
