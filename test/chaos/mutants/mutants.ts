import type { DrillKind } from './drill.ts';

/** A fault planted in a copy of the built server: each `find` has to be there, once or as often as said. */
export interface Mutant {
  name: string;
  /** What is wrong with it. */
  wrong: string;
  drill: DrillKind;
  /** Any of these has to be violated. */
  caughtBy: readonly string[];
  patches: readonly Patch[];
}

export interface Patch {
  file: string;
  find: string;
  replace: string;
}

const SCRIPTS = 'server/engine/redis/scripts';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no-warning-first',
    wrong: 'whoever is overdue is ended without a warning',
    drill: 'plain',
    caughtBy: ['warned-first'],
    patches: [
      {
        file: `${SCRIPTS}/include/sweep.lua`,
        find: `  left = take_heads(account.waiting, now - account.timeout_ms + lead_ms, left, function(key)
    warn(account, load_agent(account, key))
  end)`,
        replace: `  left = take_heads(account.waiting, now - account.timeout_ms + lead_ms, left, function(key)
    local agent = load_agent(account, key)
    if agent.active_at + account.timeout_ms <= now then
      end_sessions(account, agent, sids_by_age(agent), 'timeout', '')
    else
      warn(account, agent)
    end
  end)`,
      },
    ],
  },
  {
    name: 'touch-lowers',
    wrong: 'an older report moves the last activity back',
    drill: 'plain',
    caughtBy: ['activity-never-falls', 'never-early', 'nobody-at-work'],
    patches: [
      { file: `${SCRIPTS}/touch-agents.lua`, find: `'XX', 'GT', unpack`, replace: `'XX', unpack` },
      { file: `${SCRIPTS}/include/touch.lua`, find: `'XX', 'GT', unpack`, replace: `'XX', unpack` },
    ],
  },
  {
    name: 'end-in-two-steps',
    wrong: 'an end is written down in a second step, which is lost now and then',
    drill: 'plain',
    caughtBy: ['end-written', 'every-session-ends'],
    patches: [
      {
        file: `${SCRIPTS}/include/ending.lua`,
        find: `"reason":"%s","endedAt":%.0f}', agent.rev, listed, reason, now),
  }, drafts)`,
        replace: `"reason":"%s","endedAt":%.0f}', agent.rev, listed, reason, now),
  }, now % 2 == 0 and drafts or {})`,
      },
    ],
  },
  {
    name: 'sweep-without-second-look',
    wrong: 'the sweep ends the head of the queue without judging it again',
    drill: 'plain',
    caughtBy: ['warned-first', 'never-early', 'warned-anew'],
    patches: [
      {
        file: `${SCRIPTS}/include/sweep.lua`,
        find: `  if warn_at(account, agent.active_at) > now then
    resume(account, agent)
  elseif agent.warned_at < gap.at or agent.warned_at > now then
    warn(account, agent)
  elseif math.max(ends_at(account, agent), may_end_at) > now then
    redis.call('ZADD', account.warned, num(math.max(ends_at(account, agent), may_end_at)), agent.key)
  else`,
        replace: '  do',
      },
    ],
  },
  {
    name: 'acknowledged-before-told',
    wrong: 'an entry leaves the outbox before anyone has been told',
    drill: 'plain',
    caughtBy: ['everybody-is-told'],
    patches: [
      {
        file: 'server/engine/redis/outbox.js',
        find: 'const taken = emissions.map((emission) => (async () => relay(emission))());',
        replace: `this.#takeOut(partition, id);
        const later = () => new Promise((resolve) => setTimeout(resolve, 1500));
        const taken = emissions.map((emission) => later().then(() => relay(emission)));`,
      },
    ],
  },
  {
    name: 'no-tombstone',
    wrong: 'nobody remembers a sid that ended',
    drill: 'plain',
    caughtBy: ['dead-stay-dead'],
    patches: [
      {
        file: `${SCRIPTS}/include/transitions.lua`,
        find: `  redis.call('HSET', account.ended, sid, cmsgpack.pack({ agent_key or false, reason, ended_at, until_at }))`,
        replace: '',
      },
    ],
  },
  {
    name: 'no-gap-rule',
    wrong: 'a time in which nobody watched counts as warned',
    drill: 'plain',
    caughtBy: ['warned-anew', 'never-early'],
    patches: [
      {
        file: `${SCRIPTS}/include/gap.lua`,
        find: 'if stepped_back or now - (tonumber(state[1]) or 0) > GAP_MS then',
        replace: 'if stepped_back then',
      },
    ],
  },
  {
    name: 'one-login-only',
    wrong: 'only the oldest login of the agent ends',
    drill: 'plain',
    caughtBy: ['together'],
    patches: [
      {
        file: `${SCRIPTS}/include/sweep.lua`,
        find: `end_sessions(account, agent, sids_by_age(agent), 'timeout', '')`,
        replace: `end_sessions(account, agent, { sids_by_age(agent)[1] }, 'timeout', '')`,
      },
    ],
  },
  {
    name: 'availability-apart',
    wrong: 'an end leaves availability to somebody else',
    drill: 'plain',
    caughtBy: ['unavailable-at-once'],
    patches: [
      {
        file: `${SCRIPTS}/include/ending.lua`,
        find: `if reason == 'logout' or shown_available(agent) ~= 2 then`,
        replace: 'if true then',
      },
    ],
  },
  {
    name: 'resumed-without-rev',
    wrong: 'a resumption does not raise the rev, and nobody minds two contents of one',
    drill: 'plain',
    caughtBy: ['rev-grows'],
    patches: [
      {
        file: `${SCRIPTS}/include/touch.lua`,
        find: `    agent.rev = agent.rev + 1
    account.moved = true`,
        replace: '    account.moved = true',
      },
      {
        file: 'server/sockets/tab-registry.js',
        find: 'return rev === this.rev && isWarned',
        replace: 'return false && isWarned',
      },
      {
        file: 'server/engine/redis/recent-revs.js',
        find: "(answer.rev === rev && merged(shown, answer.state) === 'both')",
        replace: 'false',
      },
    ],
  },
  {
    name: 'settled-though-it-failed',
    wrong: 'a webhook counts as delivered whatever came of it',
    drill: 'plain',
    caughtBy: ['event-delivered'],
    patches: [
      {
        file: 'server/webhooks/turn.js',
        find: 'let settled = events.findIndex(({ id }) => !delivered.has(id));',
        replace: 'let settled = -1;',
      },
    ],
  },
  {
    name: 'reports-not-kept',
    wrong: 'what was typed while Redis was away is forgotten',
    drill: 'plain',
    caughtBy: ['nobody-at-work', 'never-early'],
    patches: [
      { file: 'server/sockets/reports.js', find: 'this.#keepInput(login, report.at);', replace: ';' },
      {
        file: 'server/sockets/reports.js',
        find: 'waiting.set(key, report);',
        replace: 'if (this.#linked) waiting.set(key, report);',
      },
      { file: 'server/sockets/tab-gateway.js', find: 'if (tab.lastInputAt > 0)', replace: 'if (false)' },
    ],
  },
  {
    name: 'late-ends',
    wrong: 'ends are carried out when somebody gets round to it',
    drill: 'plain',
    caughtBy: ['overdue'],
    patches: [
      {
        file: `${SCRIPTS}/include/sweep.lua`,
        find: 'take_heads(account.warned, now, budget,',
        replace: 'take_heads(account.warned, now - 6000, budget,',
      },
    ],
  },
  {
    name: 'no-vouching',
    wrong: 'nodes do not vouch for their open tabs when Redis has lost its data',
    drill: 'loss',
    caughtBy: ['vouched-for', 'nobody-at-work'],
    patches: [
      {
        file: 'server/engine/redis/partition-calls.js',
        find: `await putBack('vouch-sessions', this.#witness.logins(here).map(voucherWords));`,
        replace: '',
      },
    ],
  },
  {
    name: 'ends-not-repeated',
    wrong: 'ends that a failover lost are forgotten',
    drill: 'rollback',
    caughtBy: ['end-written', 'dead-stay-dead', 'event-kept'],
    patches: [
      {
        file: 'server/engine/redis/partition-calls.js',
        find: "this.#putBack(epoch, partition, 'repeat-ends', words, REPEAT_BATCH)",
        replace: 'Promise.resolve(words)',
      },
    ],
  },
  {
    name: 'revs-not-raised',
    wrong: 'after a failover revs go on from what it left',
    drill: 'rollback',
    caughtBy: ['rev', 'rev-grows'],
    patches: [
      {
        file: `${SCRIPTS}/raise-revs.lua`,
        find: 'if is_gone or clashes or agent.rev < rev then',
        replace: 'if false then',
      },
    ],
  },
];
