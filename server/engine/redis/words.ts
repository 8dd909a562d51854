import type { Login, Policy, PolicyRequest, TabChange, TouchReport } from '../engine.ts';
import { encodeId } from '../ids.ts';
import { groupBy } from './partitions.ts';
import type { Voucher, WitnessedTab } from './witness.ts';

/** What scripts are given, as text. Their headers say what is expected in which place. */

export function flag(on: boolean): string {
  return on ? '1' : '0';
}

/** Whole milliseconds: an activity is never later than it was. */
export function moment(at: number): string {
  return String(Math.floor(at));
}

/** Redis keeps what the name is apart from there being none. */
function nameWord(name: string | null): string {
  return name === null ? '' : `n${name}`;
}

export function loginWords(login: Login): string[] {
  return [
    ...[login.account, login.agent, login.sid].map(encodeId),
    moment(login.loginAt),
    moment(login.issuedAt),
    nameWord(login.name),
    login.permissions.join(','),
    flag(login.autoAssign),
  ];
}

export function voucherWords(login: Voucher): string[] {
  return [
    ...loginWords(login),
    availabilityWord(login.available),
    moment(login.lastActivityAt),
    flag(login.isOpen),
  ];
}

/** As it was seen last, if it was. */
export function availabilityWord(available: boolean | null): string {
  return available === null ? '0' : availableWord(available);
}

export function availableWord(available: boolean): string {
  return available ? '2' : '1';
}

export function policyWords([account, policy]: [account: string, policy: Policy]): string[] {
  const { timeoutSeconds, rememberMe, version, updatedAt, updatedBy } = policy;
  return [
    encodeId(account),
    String(timeoutSeconds),
    flag(rememberMe.agent),
    flag(rememberMe.requester),
    String(version),
    String(updatedAt ?? 0),
    updatedBy ?? '',
  ];
}

export function settingsWords({ settings, by, ifVersion }: PolicyRequest): string[] {
  const { timeoutSeconds, rememberMe } = settings;
  return [
    String(timeoutSeconds),
    flag(rememberMe.agent),
    flag(rememberMe.requester),
    by,
    ifVersion === undefined ? '' : String(ifVersion),
  ];
}

export function tabWords({ account, agent, sid, tab, visible, since }: WitnessedTab): string[] {
  const shown = visible === null ? 'o' : visible ? 's' : 'h';
  return [...[account, agent, sid].map(encodeId), tab, shown, moment(since)];
}

export function tabChangeWords({ account, agent, tab, visible, at }: TabChange): string[] {
  const change = visible === null ? 'c' : visible ? 's' : 'h';
  return [encodeId(account), encodeId(agent), tab, change, moment(at)];
}

/** The hot path: of each account its reports, first the pairs of a ZADD, then the sids. */
export function touchWords(reports: readonly TouchReport[]): string[] {
  const words: string[] = [];
  for (const [account, group] of groupBy(reports, (report) => report.account)) {
    let latest = Number.NEGATIVE_INFINITY;
    const place = words.push(encodeId(account), String(group.length), '') - 1;
    for (const { agent, at } of group) {
      if (at > latest) latest = at;
      words.push(moment(at), encodeId(agent));
    }
    words[place] = moment(latest);
    for (const { sid } of group) words.push(encodeId(sid));
  }
  return words;
}
