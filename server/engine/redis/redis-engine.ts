import { randomUUID } from 'node:crypto';
import type { EventDraft, VigilEvent } from '../../../shared/events.ts';
import type * as port from '../engine.ts';
import { EngineUnavailable } from '../engine.ts';
import { encodeId } from '../ids.ts';
import { readEvents } from './audit.ts';
import type { AuditTrimming } from './audit-trimming.ts';
import { RedisDeliveries } from './deliveries.ts';
import { Due } from './due.ts';
import type { GhostTabs } from './ghost-tabs.ts';
import type { Health } from './health.ts';
import { inBatches } from './in-batches.ts';
import { type AccountCall, readChanges, readPage } from './listing.ts';
import type { Newcomers } from './newcomers.ts';
import type { Outbox } from './outbox.ts';
import type { PartitionCalls } from './partition-calls.ts';
import type { Partitions } from './partitions.ts';
import type { Recent } from './recent.ts';
import { RedisRecordings } from './recordings.ts';
import type { ScriptedLink } from './scripted-link.ts';
import type { ServerTime } from './server-time.ts';
import type { SessionAnswer, SessionReading } from './session-reading.ts';
import type { Sweeping } from './sweeping.ts';
import type { Witness } from './witness.ts';
import { availableWord, loginWords, settingsWords, tabChangeWords, touchWords } from './words.ts';

/** What a node's engine is made of; put together in open-redis-engine.ts. */
export interface RedisEngineParts {
  nodeId: string;
  link: ScriptedLink;
  partitions: Partitions;
  witness: Witness;
  /** Told of what this node or another told. */
  heard: (emission: port.Emission) => void;
  /** What was told, or found by asking, in the last seconds. */
  recent: Recent;
  time: ServerTime;
  calls: PartitionCalls;
  reading: SessionReading;
  outbox: Outbox;
  sweeping: Sweeping;
  health: Health;
  ghostTabs: GhostTabs;
  auditTrimming: AuditTrimming;
  newcomers: Newcomers;
  auditMaxAgeMs: number;
}

/** One node among many: the state is in Redis, every step is a script there. */
export class RedisEngine implements port.Engine {
  readonly #nodeId: string;
  readonly #link: ScriptedLink;
  readonly #partitions: Partitions;
  readonly #witness: Witness;
  readonly #heard: (emission: port.Emission) => void;
  readonly #recent: Recent;
  readonly #time: ServerTime;
  readonly #calls: PartitionCalls;
  readonly #reading: SessionReading;
  readonly #outbox: Outbox;
  readonly #sweeping: Sweeping;
  readonly #health: Health;
  readonly #ghostTabs: GhostTabs;
  readonly #auditTrimming: AuditTrimming;
  readonly #auditMaxAgeMs: number;
  readonly #newcomers: Newcomers;
  readonly #due = new Due();
  readonly deliveries: RedisDeliveries;
  readonly recordings: RedisRecordings;
  #closed: Promise<void> | undefined;

  constructor(parts: RedisEngineParts) {
    this.#nodeId = parts.nodeId;
    this.#link = parts.link;
    this.#partitions = parts.partitions;
    this.#witness = parts.witness;
    this.#heard = parts.heard;
    this.#recent = parts.recent;
    this.#time = parts.time;
    this.#calls = parts.calls;
    this.#reading = parts.reading;
    this.#outbox = parts.outbox;
    this.#sweeping = parts.sweeping;
    this.#health = parts.health;
    this.#ghostTabs = parts.ghostTabs;
    this.#auditTrimming = parts.auditTrimming;
    this.#auditMaxAgeMs = parts.auditMaxAgeMs;
    this.#newcomers = parts.newcomers;
    this.deliveries = new RedisDeliveries(parts);
    this.recordings = new RedisRecordings(parts);
  }

  now(): number {
    return this.#time.now();
  }

  ping(): Promise<void> {
    return this.#health.ping();
  }

  onLink(listener: (up: boolean) => void): () => void {
    return this.#link.onLink(listener);
  }

  heard(emission: port.Emission): void {
    this.#heard(emission);
  }

  onDueSooner(listener: (dueAt: number) => void): () => void {
    return this.#due.onSooner(listener);
  }

  async admit(login: port.Login, tab?: string): Promise<port.Admission> {
    const [account, ...words] = [...loginWords(login), tab ?? ''];
    const told = this.#recent.revs.of(login);
    const answer = await this.#newcomers.ask(() => this.#step('admit-login', login.account, words, account));
    const admission = JSON.parse(answer) as port.Admission;
    if (!admission.ok) return admission;
    if (told?.isMissingIn(admission.session)) await this.#reading.mend(login, admission);
    this.#witness.admitted(login, admission.session, { tab, now: this.now() });
    this.#recent.revs.answered(login, admission.session);
    return admission;
  }

  async sessions(logins: port.LoginRef[]): Promise<SessionAnswer[]> {
    const answers: SessionAnswer[] = logins.map(() => null);
    const places = logins.map((login, place) => ({ ...login, place }));
    await this.#inBatches(places, async (partition, batch) => {
      const found = await this.#reading.read(partition, batch);
      for (const [index, { place, ...login }] of batch.entries()) {
        const answer = found[index]!;
        answers[place] = answer;
        if (answer?.state !== 'ended') continue;
        this.#witness.ended(login);
        this.#recent.ends.found(login, answer);
      }
    });
    return answers;
  }

  async session(account: string, sid: string): Promise<port.SessionStatus | null> {
    return JSON.parse(String(await this.#read('read-session', account, [encodeId(sid)])));
  }

  async updateTabs(changes: port.TabChange[]): Promise<void> {
    // What the node knows is right whether Redis hears of it or not: then the tabs are filed again.
    const open = changes.filter((change) => this.#witness.turned(change));
    const telling = this.#inBatches(open, async (partition, batch) => {
      await this.#stepOn(partition, 'update-tabs', batch.flatMap(tabChangeWords));
    });
    await telling.catch((error: EngineUnavailable) => {
      this.#witness.untold(open, error.left);
      throw error;
    });
  }

  async touch(reports: port.TouchReport[]): Promise<void> {
    for (const report of reports) this.#witness.touched(report);
    await this.#inBatches(reports, async (partition, batch) => {
      await this.#stepOn(partition, 'touch-agents', touchWords(batch));
    });
  }

  async sweep(reach: 'all' | 'due' = 'all'): Promise<number> {
    try {
      const dueAt = await this.#due.follow(() => this.#sweeping.sweep(reach));
      await this.#tidyUp();
      return dueAt;
    } finally {
      await this.#outbox.settle();
    }
  }

  /** What fails here is tried again the next time; the sweep did not fail. */
  async #tidyUp(): Promise<void> {
    try {
      await this.#ghostTabs.closeIfDue();
      await this.#auditTrimming.trimIfDue();
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) throw error;
    }
  }

  async endSession({ account, sid, by }: { account: string; sid: string; by?: string }): Promise<boolean> {
    return (await this.#step('end-session', account, [encodeId(sid), by ?? ''])) === '1';
  }

  async signOut({ account, agent, by }: { account: string; agent: string; by: string }): Promise<boolean> {
    return (await this.#step('end-agent', account, [encodeId(agent), by])) === '1';
  }

  async setAvailability(request: port.AvailabilityRequest): Promise<port.AvailabilityResult> {
    const { account, agent, available, by } = request;
    const words = [encodeId(agent), availableWord(available), by.cause, by.id];
    return JSON.parse(await this.#step('set-availability', account, words));
  }

  async policy(account: string): Promise<port.Policy> {
    const policy: port.Policy = JSON.parse(
      String(await this.#newcomers.ask(() => this.#read('read-policy', account, []))),
    );
    this.#witness.policy(account, policy);
    return policy;
  }

  async setPolicy(request: port.PolicyRequest) {
    return JSON.parse(await this.#step('set-policy', request.account, settingsWords(request)));
  }

  async preview(account: string, timeoutSeconds: number) {
    const found = await this.#read('count-due', account, [String(timeoutSeconds)]);
    const [agents = 0, dueNow = 0, dueWithinHour = 0] = found as number[];
    return { agents, dueNow, dueWithinHour };
  }

  async agent(account: string, agent: string): Promise<port.AgentDetail | null> {
    return JSON.parse(String(await this.#read('read-agent', account, [encodeId(agent)])));
  }

  agents(account: string, page: { after: string | null; limit: number }): Promise<port.AgentRecord[]> {
    return readPage(this.#read, account, page);
  }

  changes(account: string, cursor: string | null): Promise<port.PresenceChanges> {
    return readChanges(this.#read, account, { cursor, fresh: randomUUID() });
  }

  async events(account: string, query: port.EventQuery): Promise<VigilEvent[]> {
    // What a failover lost is put back first: a reader would pass its place.
    await this.#calls.ready(this.#partitions.of(account));
    const goneUntil = this.now() - this.#auditMaxAgeMs;
    return this.#recent.read(await readEvents(this.#link, this.#partitions, account, query, goneUntil));
  }

  async record(account: string, entry: EventDraft): Promise<void> {
    await this.#step('record-event', account, [entry.type, JSON.stringify(entry).slice(1, -1)]);
  }

  async totals() {
    const totals = { live: 0, warned: 0 };
    for (const partition of this.#partitions.all()) {
      const [live = 0, warned = 0] = (await this.#calls.call('count-agents', partition, [])) as number[];
      totals.live += live;
      totals.warned += warned;
    }
    return totals;
  }

  close(): Promise<void> {
    this.#closed ??= this.#closeOnce();
    return this.#closed;
  }

  /** Its tabs leave presence with the next sweep of another node. */
  async #closeOnce(): Promise<void> {
    this.#health.stop();
    this.#ghostTabs.stop();
    const leaving = this.#partitions.all().map((partition) => {
      const nodes = this.#partitions.nodes(partition);
      return this.#link.send(nodes, ['ZADD', nodes, 'XX', '0', this.#nodeId]);
    });
    await Promise.allSettled([this.#outbox.settle(), ...leaving]);
    await this.#link.close();
  }

  readonly #read: AccountCall = (script, account, args) =>
    this.#calls.call(script, this.#partitions.of(account), [encodeId(account), ...args]);

  #step(script: string, account: string, words: string[], key = encodeId(account)): Promise<string> {
    return this.#stepOn(this.#partitions.of(account), script, [key, ...words]);
  }

  /** Carries a step out and tells what it says; answers its answer. */
  async #stepOn(partition: number, script: string, words: string[]): Promise<string> {
    const reply = (await this.#calls.call(script, partition, words)) as string[];
    const [answer = '', due = '', id = '', emissions = ''] = reply;
    if (due !== '') {
      this.#sweeping.heard(partition, Number(due));
      this.#due.heard(Number(due));
    }
    this.#outbox.tell(partition, id, emissions);
    return answer;
  }

  async #inBatches<T extends { account: string }>(
    items: readonly T[],
    carryOut: (partition: number, batch: T[]) => Promise<void>,
  ): Promise<void> {
    // A call on a closed engine is refused also where it has nothing to do.
    if (items.length === 0) return this.#assertOpen();
    await inBatches(this.#partitions.group(items), carryOut);
  }

  async #assertOpen(): Promise<void> {
    if (this.#closed !== undefined) await this.#health.ping();
  }
}
