/** Entries of the audit log, and what webhooks carry (contract section 7). */

export type EndReason = 'timeout' | 'logout' | 'admin' | 'lost';
export type Inactivity = 'not_open' | 'not_active_tab' | 'no_input';

export interface VigilEventData {
  'session.started': { agent: string; session: string; loginAt: number };
  'session.warned': { agent: string; lastActivityAt: number; deadlineAt: number; endsAt: number };
  'session.resumed': { agent: string; lastActivityAt: number; deadlineAt: number };
  'session.ended': {
    agent: string;
    sessions: string[];
    reason: EndReason;
    inactivity: Inactivity | null;
    lastActivityAt: number;
    by?: string;
    /** In webhooks only, where all of them do not fit: how many `sessions` leaves out. */
    sessionsOmitted?: number;
  };
  'agent.available': { agent: string; cause: 'timeout' | 'admin' | 'agent'; by?: string };
  'agent.unavailable': { agent: string; cause: 'timeout' | 'admin' | 'agent'; by?: string };
  'policy.changed': { by: string; before: PolicyInEvent; after: PolicyInEvent };
  /** An attempt at something that needs a permission the caller lacks. */
  'access.refused': { by: string | null; needs: string; call: string };
  /** Somebody took the audit log out of the system. */
  'audit.exported': { by: string; format: 'csv' | 'json' };
}

export interface PolicyInEvent {
  timeoutSeconds: number;
  rememberMe: { agent: boolean; requester: boolean };
}

export type EventType = keyof VigilEventData;

/** `id` is unique and ordered within an account, also as text; `at` is engine time, epoch ms. */
export type VigilEvent<T extends EventType = EventType> = {
  [K in T]: { id: string; type: K; account: string; at: number; data: VigilEventData[K] };
}[T];

/** An event before the engine has given it its id and moment. */
export type EventDraft<T extends EventType = EventType> = {
  [K in T]: { type: K; data: VigilEventData[K] };
}[T];
