import type { Emission, Push } from '../../../server/engine/engine.ts';
import type { EndReason, EventType, VigilEvent, VigilEventData } from '../../../shared/events.ts';
import { MODEL_LEAD } from './history.ts';
import type { Person, Reference } from './reference.ts';
import { must, same } from './rules.ts';

/** What the call under way may say of whom; a sweep may say of anybody that they are warned, resumed, ended. */
export interface Licence {
  /** Null: the account as a whole. Undefined: anybody. */
  account?: string;
  agent?: string | null;
  types: readonly EventType[];
  /** The sids that end at somebody's word. Undefined: only a timeout ends. */
  ends?: { sids: readonly string[]; reason: EndReason } | undefined;
}

export const SWEEP: Licence = {
  types: ['session.warned', 'session.resumed', 'session.ended', 'agent.unavailable'],
};

/** Hears all that an engine tells its relay, and judges it by the rules of contract section 3. */
export class Judge {
  readonly told = new Map<string, VigilEvent[]>();
  private readonly reference: Reference;

  constructor(reference: Reference) {
    this.reference = reference;
  }

  hear(emissions: readonly Emission[], licence: Licence): void {
    for (const emission of emissions) {
      if (licence.account !== undefined) {
        const { account, agent } = emission;
        must(account === licence.account, 'no word about another account', () => emission);
        must(agent === null || agent === licence.agent, 'no word about another agent', () => emission);
      }
      for (const event of emission.events) this.judge(event, emission, licence);
      for (const push of emission.pushes) this.judgePush(push, emission);
    }
  }

  /** What the newest event of a type says. */
  lastOf<T extends EventType>(account: string, type: T): VigilEventData[T] | undefined {
    const found = this.told.get(account)?.findLast((event) => event.type === type);
    return found?.data as VigilEventData[T] | undefined;
  }

  private judge(event: VigilEvent, emission: Emission, licence: Licence): void {
    const told = this.told.get(event.account) ?? [];
    this.told.set(event.account, told);
    must(event.account === emission.account, 'an event belongs to its account', () => event);
    must(licence.types.includes(event.type), 'nothing but what the call may cause', () => event);
    must(event.id > (told.at(-1)?.id ?? ''), 'event ids grow as text', () => [told.at(-1), event]);
    must(event.at === this.reference.now, 'an event bears engine time', () => [event, this.reference.now]);
    told.push(event);
    if (!('agent' in event.data)) return;
    const person = this.reference.person(event.account, event.data.agent);
    must(person !== undefined && emission.agent === person.agent, 'an event is about its agent', () => event);
    if (event.type === 'session.warned') this.warned(event, person);
    if (event.type === 'session.resumed') this.resumed(event, person);
    if (event.type === 'session.ended') this.ended(event, person, emission, licence);
    if (event.type === 'agent.available' || event.type === 'agent.unavailable') {
      const available = event.type === 'agent.available';
      must(
        person.participates && person.available === !available,
        'no event where nothing changes',
        () => event,
      );
      const timeout = emission.events.some(
        ({ type, data }) => type === 'session.ended' && data.reason === 'timeout',
      );
      must(
        (event.data.cause === 'timeout') === timeout,
        'a timeout alone is the cause timeout',
        () => emission,
      );
      person.available = available;
    }
  }

  private warned({ data }: VigilEvent<'session.warned'>, person: Person): void {
    const { now, gapAt } = this.reference;
    must(person.live.size > 0, 'only the living are warned', () => data);
    must(this.reference.warnAt(person) <= now, 'warned only when it is due', () => [data, now]);
    must(person.warnedAt === null || gapAt === now, 'warned anew only after a gap', () => data);
    person.warnedAt = now;
    const { lastActivityAt } = person;
    const expected = {
      lastActivityAt,
      deadlineAt: this.reference.deadlineAt(person),
      endsAt: this.reference.endsAt(person),
    };
    must(same(data, { agent: person.agent, ...expected }), 'a warning says when it ends', () => [
      data,
      expected,
    ]);
  }

  private resumed({ data }: VigilEvent<'session.resumed'>, person: Person): void {
    must(person.warnedAt !== null, 'only the warned resume', () => data);
    must(this.reference.warnAt(person) > this.reference.now, 'resumed only when no longer due', () => data);
    must(data.lastActivityAt === person.lastActivityAt, 'a resumption says by what', () => data);
    must(data.deadlineAt === this.reference.deadlineAt(person), 'a resumption says until when', () => data);
    person.warnedAt = null;
  }

  private ended(
    event: VigilEvent<'session.ended'>,
    person: Person,
    emission: Emission,
    licence: Licence,
  ): void {
    const { data } = event;
    must(data.sessions.length > 0, 'an end ends something', () => data);
    must(
      data.sessions.every((sid) => person.live.has(sid)),
      'a session ends once',
      () => data,
    );
    must(data.lastActivityAt === person.lastActivityAt, 'an end says the last activity', () => data);
    if (licence.ends !== undefined) {
      const { sids, reason } = licence.ends;
      must(same(data.sessions.toSorted(), sids.toSorted()), 'those end who were to end', () => data);
      must(data.reason === reason && data.inactivity === null, 'not by inactivity', () => data);
    } else this.timedOut(data, person, emission);
    for (const sid of data.sessions) person.bury(sid);
  }

  private timedOut(data: VigilEvent<'session.ended'>['data'], person: Person, emission: Emission): void {
    const { now, gapAt } = this.reference;
    const facts = () => ({
      data,
      now,
      gapAt,
      warnedAt: person.warnedAt,
      deadlineAt: this.reference.deadlineAt(person),
    });
    must(data.reason === 'timeout', 'the sweep ends by timeout', facts);
    must(now >= this.reference.deadlineAt(person), 'never ended before the deadline', facts);
    must(person.warnedAt !== null, 'never ended without a warning', facts);
    must(now >= person.warnedAt + MODEL_LEAD, 'never ended without a whole lead of warning', facts);
    must(person.warnedAt >= gapAt, 'the lead is counted anew after a gap', facts);
    must(data.sessions.length === person.live.size, 'all sessions end together', facts);
    must(data.inactivity === person.inactivity, 'the end says which inactivity', () => [
      data,
      person.inactivity,
    ]);
    const lost = emission.events.some(({ type }) => type === 'agent.unavailable');
    must(
      lost === (person.shownAvailable === true || this.alreadyLost(emission)),
      'unavailable in the same step',
      facts,
    );
  }

  /** Whether this very emission said so before it told the end. */
  private alreadyLost({ events }: Emission): boolean {
    const end = events.findIndex(({ type }) => type === 'session.ended');
    return events.slice(0, end).some(({ type }) => type === 'agent.unavailable');
  }

  private judgePush(push: Push, { account, agent }: Emission): void {
    const rev = push.type === 'session' ? push.session.rev : 'rev' in push ? push.rev : null;
    if (rev === null) return;
    const person = agent === null ? undefined : this.reference.person(account, agent);
    must(person !== undefined, 'a push of a session has its agent', () => push);
    must(rev >= person.rev, 'rev never falls', () => [push, person.rev]);
    must(push.type === 'session' || rev > person.rev, 'rev grows with every transition', () => [
      push,
      person.rev,
    ]);
    person.rev = rev;
  }
}
