import { formatDuration, parseDuration } from '../../shared/durations.ts';
import { type Command, JSON_OPTION, SERVER_OPTIONS, type Values } from '../command.ts';
import { CommandFailed, EXIT, usage } from '../exit.ts';
import { serverFrom } from '../server.ts';
import { exactSpan, moment, printable } from '../table.ts';

export const policy: Command = {
  name: 'policy',
  summary: 'show the timeout and "remember me", or change them',
  usage: 'policy [--timeout DURATION] [--remember-agents yes|no] [--remember-requesters yes|no]',
  options: {
    ...SERVER_OPTIONS,
    ...JSON_OPTION,
    timeout: { type: 'string', value: 'DURATION', help: 'as 15m, 8h, 30d' },
    'remember-agents': { type: 'string', value: 'yes|no', help: 'offer "remember me" to agents' },
    'remember-requesters': { type: 'string', value: 'yes|no', help: 'offer "remember me" to requesters' },
  },
  notes: 'A change is in force for live sessions at once; nobody is signed out without a whole warning.',
  async run(terminal, values) {
    const server = serverFrom(values, terminal.env);
    let { body, headers } = await server.call('GET', '/v1/policy');
    const wanted = changed(body, values);
    if (wanted !== null) {
      checkRange(wanted.timeoutSeconds * 1_000, body.limits);
      const match = { 'if-match': headers.get('etag') ?? '*' };
      body = (await server.call('PUT', '/v1/policy', { body: wanted, headers: match })).body;
    }
    terminal.out(values.json ? `${JSON.stringify(body)}\n` : describe(body));
  },
};

interface Settings {
  timeoutSeconds: number;
  rememberMe: { agent: boolean; requester: boolean };
}

interface Limits {
  minSeconds: number;
  maxSeconds: number;
}

function changed(now: Settings, values: Values): Settings | null {
  const { timeout, 'remember-agents': agents, 'remember-requesters': requesters } = values;
  if (timeout === undefined && agents === undefined && requesters === undefined) return null;
  const timeoutMs = timeout === undefined ? now.timeoutSeconds * 1_000 : parseDuration(timeout);
  if (timeoutMs === undefined) throw usage('--timeout takes a duration, as 15m, 8h or 30d.');
  return {
    timeoutSeconds: timeoutMs / 1_000,
    rememberMe: {
      agent: yesNo(agents, '--remember-agents') ?? now.rememberMe.agent,
      requester: yesNo(requesters, '--remember-requesters') ?? now.rememberMe.requester,
    },
  };
}

/** The server would say the same in its own words, seconds. */
function checkRange(timeoutMs: number, { minSeconds, maxSeconds }: Limits): void {
  if (timeoutMs >= minSeconds * 1_000 && timeoutMs <= maxSeconds * 1_000) return;
  const [least, most] = [formatDuration(minSeconds * 1_000), formatDuration(maxSeconds * 1_000)];
  throw new CommandFailed(`out_of_range: --timeout takes ${least} to ${most} on this server.`, EXIT.failed);
}

function yesNo(value: string | undefined, option: string): boolean | undefined {
  if (value === undefined || value === 'yes' || value === 'no')
    return value === undefined ? undefined : value === 'yes';
  throw usage(`${option} takes yes or no.`);
}

function describe(body: Settings & { updatedAt: number | null; updatedBy: string | null }): string {
  const { timeoutSeconds, rememberMe, updatedAt, updatedBy } = body;
  const by =
    updatedAt === null ? 'never changed' : `${moment(updatedAt)} by ${printable(updatedBy ?? 'unknown')}`;
  const offered = (yes: boolean) => (yes ? 'offered' : 'not offered');
  return [
    `timeout         ${spanWithSeconds(timeoutSeconds)}`,
    `remember me     agents: ${offered(rememberMe.agent)}; requesters: ${offered(rememberMe.requester)}`,
    `last change     ${by}`,
    '',
  ].join('\n');
}

/** `8 h (28800 s)`, as the API has it; `90 s`. */
function spanWithSeconds(seconds: number): string {
  const span = exactSpan(seconds * 1_000);
  return span === `${seconds} s` ? span : `${span} (${seconds} s)`;
}
