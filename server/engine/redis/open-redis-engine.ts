import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { type OpenLink, openLink } from '../../redis/open-link.ts';
import type { RedisLink } from '../../redis/redis-link.ts';
import type { RedisTarget } from '../../redis-url.ts';
import type { Emission, Engine, EngineOptions, Relay } from '../engine.ts';
import { USUAL_RETENTION } from '../shelves.ts';
import { AuditTrimming } from './audit-trimming.ts';
import { letOthersGoFirst } from './first-meeting.ts';
import { GhostTabs } from './ghost-tabs.ts';
import { Health } from './health.ts';
import { MAX_ASKING, Newcomers } from './newcomers.ts';
import { Outbox } from './outbox.ts';
import { PartitionCalls } from './partition-calls.ts';
import { Partitions } from './partitions.ts';
import { Recent } from './recent.ts';
import { RecentEnds } from './recent-ends.ts';
import { RecentRevs } from './recent-revs.ts';
import { RedisEngine, type RedisEngineParts } from './redis-engine.ts';
import { ScriptedLink } from './scripted-link.ts';
import { loadScripts } from './scripts.ts';
import { ServerTime } from './server-time.ts';
import { SessionReading } from './session-reading.ts';
import { agreeOnSettings, findConcerns, type RedisConcern } from './setup.ts';
import { Sweeping } from './sweeping.ts';
import { Witness } from './witness.ts';

const DEFAULT_PARTITIONS = 16;

export interface RedisEngineOptions extends EngineOptions {
  target: RedisTarget;
  clock: Clock;
  relay: Relay;
  log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  /** A power of two; the same for all nodes, for ever. */
  partitions?: number;
  /** Told of each setting of Redis that endangers sessions. */
  onConcern?: (concern: RedisConcern) => void;
  /** Told how long each command took. */
  onAnswered?: ((seconds: number, ok: boolean) => void) | undefined;
  /** Told when a bound was hit, and of what. */
  onDropped?:
    | ((what: 'redis_call' | 'witnessed_login' | 'told_event' | 'recent_end' | 'recent_rev') => void)
    | undefined;
  /** Newcomers who may ask at the same time. */
  maxAsking?: number;
  /** Tests only: engine time in place of Redis's `TIME`. */
  timeSource?: () => number;
  /** Tests only: what stands between the engine and Redis. */
  openLink?: OpenLink;
}

/** Connects to Redis and joins the nodes there. Rejects where it cannot be reached, or with EngineMismatch. */
export async function openRedisEngine(options: RedisEngineOptions): Promise<Engine> {
  const { log } = options;
  const opened = await (options.openLink ?? openLink)(options.target);
  const link = new ScriptedLink(
    timed(opened, options),
    loadScripts({ deliver: options.deliver, audit: options.audit }),
    log,
  );
  try {
    const parts = assemble(link, options);
    await join(parts, options);
    return new RedisEngine(parts);
  } catch (error) {
    await link.close();
    throw error;
  }
}

function timed(link: RedisLink, { clock, onAnswered }: RedisEngineOptions): RedisLink {
  if (onAnswered === undefined) return link;
  return {
    ...link,
    send(key, words) {
      const startedAt = clock.monotonic();
      const answered = (ok: boolean) => onAnswered((clock.monotonic() - startedAt) / 1000, ok);
      const answer = link.send(key, words);
      answer.then(
        () => answered(true),
        () => answered(false),
      );
      return answer;
    },
  };
}

function assemble(link: ScriptedLink, options: RedisEngineOptions): RedisEngineParts {
  const { clock, relay, log, timeSource, leadMs, minTimeoutMs, onDropped = () => {} } = options;
  const nodeId = randomBytes(5).toString('hex');
  const partitions = new Partitions(options.partitions ?? DEFAULT_PARTITIONS);
  const witness = new Witness(() => onDropped('witnessed_login'));
  const time = new ServerTime(timeSource === undefined ? clock : { ...clock, now: timeSource });
  const timeIsGiven = timeSource !== undefined;
  const now = () => time.now();
  const ends = new RecentEnds({ partitions, now, onDropped: () => onDropped('recent_end') });
  const revs = new RecentRevs({ partitions, now, onDropped: () => onDropped('recent_rev') });
  const recent = new Recent(ends, revs);
  const heard = (emission: Emission) => {
    witness.told(emission);
    recent.note(emission);
  };
  const onForgotten = () => onDropped('told_event');
  const outbox = new Outbox({ link, partitions, heard, relay, clock, log, onForgotten });
  const known = { partitions, witness, recent };
  const calls = new PartitionCalls(link, known, {
    leadMs,
    minTimeoutMs,
    nodeId,
    now: () => time.now(),
    timeSource,
    onLoss: () => agreeOnSettings(link, options, partitions.count),
    tell: (partition, id, emissions) => outbox.tell(partition, id, emissions),
    log,
  });
  const sweeping = new Sweeping({ calls, partitions, outbox, time, witness }, { clock, log, timeIsGiven });
  const health = new Health({ link, partitions, time, clock, timeIsGiven });
  const ghostTabs = new GhostTabs({ nodeId, link, partitions, witness, time, calls, clock });
  const newcomers = new Newcomers(options.maxAsking ?? MAX_ASKING, () => onDropped('redis_call'));
  const auditTrimming = new AuditTrimming({ partitions, calls, clock });
  const { maxAgeMs: auditMaxAgeMs } = options.audit ?? USUAL_RETENTION;
  const parts = {
    nodeId,
    link,
    partitions,
    witness,
    heard,
    recent,
    time,
    calls,
    reading: new SessionReading(calls, partitions, revs),
    outbox,
    sweeping,
    health,
    ghostTabs,
  };
  return { ...parts, auditTrimming, auditMaxAgeMs, newcomers };
}

/** Makes sure that the nodes agree, looks at what Redis is, and meets the data before anybody is served. */
async function join(
  { link, partitions, health, calls }: RedisEngineParts,
  options: RedisEngineOptions,
): Promise<void> {
  const { target, clock, log } = options;
  await agreeOnSettings(link, options, partitions.count);
  await health.measure();
  for (const { concern, advice } of await findConcerns(link, partitions)) {
    log.warn({ concern }, advice);
    options.onConcern?.(concern);
  }
  const timeIsGiven = options.timeSource !== undefined;
  await letOthersGoFirst({ link, partitions, clock, log, sharded: target.kind === 'cluster', timeIsGiven });
  await Promise.all(partitions.all().map((partition) => calls.call('read-sessions', partition, [])));
}
