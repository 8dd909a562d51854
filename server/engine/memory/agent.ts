import { deadlineOf, endsAtOf, type Timing, warnAtOf } from '../../../shared/deadline.ts';
import type { SessionView } from '../../../shared/protocol.ts';
import type { AgentDetail, AgentRecord, Permission } from '../engine.ts';
import { encodeId } from '../ids.ts';

export interface LiveLogin {
  startedAt: number;
  issuedAt: number;
  permissions: Permission[];
}

export interface OpenTab {
  sid: string;
  visible: boolean;
  since: number;
}

/** What is stored of an agent; tabs are not: they end with the process. */
export interface AgentRow {
  id: string;
  name: string | null;
  tokenAt: number;
  autoAssign: boolean;
  /** Null until the agent first takes part in auto-assignment. */
  available: boolean | null;
  availabilityChanges: { since: number; count: number };
  lastActivityAt: number;
  warnedAt: number | null;
  rev: number;
  signedOutAt: number | null;
  hiddenAt: number | null;
  leftAt: number | null;
  leftVisible: boolean;
  logins: [sid: string, login: LiveLogin][];
  /** Whether a tab was open. */
  open: boolean;
}

export class Agent {
  readonly id: string;
  /** Ordered text form of the id: its name in the queues. */
  readonly key: string;
  name: string | null = null;
  tokenAt = 0;
  autoAssign = false;
  available: boolean | null = null;
  availabilityChanges = { since: 0, count: 0 };
  lastActivityAt = 0;
  warnedAt: number | null = null;
  rev = 0;
  signedOutAt: number | null = null;
  hiddenAt: number | null = null;
  leftAt: number | null = null;
  leftVisible = false;
  readonly logins = new Map<string, LiveLogin>();
  readonly tabs = new Map<string, OpenTab>();

  constructor(id: string) {
    this.id = id;
    this.key = encodeId(id);
  }

  get live(): boolean {
    return this.logins.size > 0;
  }

  get visibleTabs(): number {
    let visible = 0;
    for (const tab of this.tabs.values()) if (tab.visible) visible += 1;
    return visible;
  }

  /** Null for who takes no part in auto-assignment. */
  get shownAvailable(): boolean | null {
    return this.autoAssign ? this.available : null;
  }

  /** Live logins, oldest first. */
  loginsByAge(): [string, LiveLogin][] {
    return [...this.logins].sort(
      ([sidA, a], [sidB, b]) => a.startedAt - b.startedAt || (encodeId(sidA) < encodeId(sidB) ? -1 : 1),
    );
  }

  toRow(): AgentRow {
    const { logins, tabs, key: _key, ...stored } = this;
    const open = tabs.size > 0;
    return {
      ...stored,
      leftVisible: open ? this.visibleTabs > 0 : this.leftVisible,
      logins: [...logins],
      open,
    };
  }

  /** Tabs that were open left with the process: as far as anybody knows, now. */
  static fromRow(row: AgentRow, now: number): Agent {
    const { id, logins, open, ...stored } = row;
    const agent = Object.assign(new Agent(id), stored);
    if (open) agent.leftAt = now;
    for (const [sid, login] of logins) agent.logins.set(sid, login);
    return agent;
  }
}

export function sessionView(agent: Agent, timing: Timing): SessionView {
  return {
    rev: agent.rev,
    state: agent.warnedAt === null ? 'active' : 'warning',
    lastActivityAt: agent.lastActivityAt,
    deadlineAt: deadlineOf(agent.lastActivityAt, timing),
    endsAt: endsAtOf(agent.lastActivityAt, agent.warnedAt, timing),
    warnAt: warnAtOf(agent.lastActivityAt, timing),
    timeoutMs: timing.timeoutMs,
    leadMs: timing.leadMs,
    available: agent.shownAvailable,
  };
}

export function agentRecord(agent: Agent, timing: Timing): AgentRecord {
  return {
    id: agent.id,
    name: agent.name,
    rev: agent.rev,
    sessions: agent.logins.size,
    signedOutAt: agent.signedOutAt,
    lastActivityAt: agent.lastActivityAt,
    warnedAt: agent.warnedAt,
    deadlineAt: deadlineOf(agent.lastActivityAt, timing),
    endsAt: endsAtOf(agent.lastActivityAt, agent.warnedAt, timing),
    available: agent.shownAvailable,
    tabs: agent.tabs.size,
    visibleTabs: agent.visibleTabs,
    hiddenAt: agent.hiddenAt,
    leftAt: agent.leftAt,
    leftVisible: agent.leftVisible,
  };
}

export function agentDetail(agent: Agent, timing: Timing): AgentDetail {
  const tabs = [...agent.tabs.values()];
  const logins = agent.loginsByAge().map(([sid, login]) => ({
    sid,
    startedAt: login.startedAt,
    tabs: tabs.filter((tab) => tab.sid === sid).map(({ visible, since }) => ({ visible, since })),
  }));
  return { ...agentRecord(agent, timing), logins };
}
