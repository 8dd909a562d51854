import type { EngineOptions } from '../engine.ts';
import type { Partitions } from './partitions.ts';
import type { ScriptedLink } from './scripted-link.ts';

/** What every node on one Redis must agree on; the first writes it down. */
const META = 'vigil:meta';
/** Raised when what is stored changes its form. */
const SCHEMA = 1;

/** This node was started with settings that others on the same Redis do not have. */
export class EngineMismatch extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'EngineMismatch';
  }
}

const MEANING = {
  schema: 'the version of the stored data',
  partitions: 'the number of partitions',
  leadMs: 'VIGIL_WARNING_LEAD, in ms',
  minTimeoutMs: 'VIGIL_MIN_TIMEOUT, in ms',
};

/** Rejects with EngineMismatch where the nodes that were here first have other settings. */
export async function agreeOnSettings(
  link: ScriptedLink,
  { leadMs, minTimeoutMs }: EngineOptions,
  partitions: number,
): Promise<void> {
  const ours = { schema: SCHEMA, partitions, leadMs, minTimeoutMs };
  const names = Object.keys(ours) as (keyof typeof ours)[];
  for (const name of names) await link.send(META, ['HSETNX', META, name, String(ours[name])]);
  const stored = (await link.send(META, ['HMGET', META, ...names])) as string[];
  const faults = names.flatMap((name, index) => {
    const theirs = stored[index];
    return theirs === String(ours[name])
      ? []
      : [`${MEANING[name]} is ${theirs} there and ${ours[name]} here`];
  });
  if (faults.length > 0)
    throw new EngineMismatch(`Redis is in use with other settings: ${faults.join('; ')}`);
}

export type RedisConcern = 'evicts' | 'not_persisted';

const CONCERNS: Record<RedisConcern, string> = {
  evicts: 'Redis may evict sessions: set maxmemory-policy to noeviction',
  not_persisted: 'Redis persists nothing: a restart of it loses every session (set appendonly yes)',
};

/** What of Redis's settings endangers sessions; empty where it does not tell its settings. */
export async function findConcerns(
  link: ScriptedLink,
  partitions: Partitions,
): Promise<{ concern: RedisConcern; advice: string }[]> {
  const found = new Set<RedisConcern>();
  for (const partition of partitions.all()) {
    const key = partitions.clock(partition);
    const memory = String(await link.send(key, ['INFO', 'memory']));
    if (!/^maxmemory_policy:noeviction\r?$/m.test(memory)) found.add('evicts');
    const persistence = String(await link.send(key, ['INFO', 'persistence']));
    if (/^aof_enabled:0\r?$/m.test(persistence) && !(await savesSnapshots(link, key)))
      found.add('not_persisted');
  }
  return [...found].map((concern) => ({ concern, advice: CONCERNS[concern] }));
}

/** Whether snapshots are taken; a Redis that hides its settings is given the benefit of the doubt. */
async function savesSnapshots(link: ScriptedLink, key: string): Promise<boolean> {
  const answer = await link.send(key, ['CONFIG', 'GET', 'save']).catch(() => null);
  return !Array.isArray(answer) || answer[1] !== '';
}
