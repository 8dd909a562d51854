import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { AgentPresence, PresenceCounts } from '../../../shared/presence.ts';
import type { ServerToDashboard } from '../../../shared/protocol.ts';
import { expectDocumentedMessage } from '../../support/api-shapes.ts';
import type { ConnectRefusal } from '../../support/tab.ts';
import { until } from '../../support/waiting.ts';

type Event = keyof ServerToDashboard;
const EVENTS: Event[] = ['snapshot', 'changes', 'ended', 'expired', 'reconnect'];

/** What a dashboard is told, and what it would show. */
export class Dashboard {
  readonly socket: Socket<ServerToDashboard>;
  readonly received: { event: Event; message: never }[] = [];
  readonly rows = new Map<string, AgentPresence>();
  counts: PresenceCounts | undefined;
  /** The last piece of the snapshot has come. */
  isComplete = false;
  ending: string | undefined;
  #refusal: ConnectRefusal | undefined;

  constructor(url: string, token: string, options: Partial<ManagerOptions & SocketOptions> = {}) {
    this.socket = io(url, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth: { token },
      ...options,
    });
    for (const event of EVENTS) {
      this.socket.on(event, (message: unknown) => {
        expectDocumentedMessage('presence', event, message);
        this.received.push({ event, message: message as never });
      });
    }
    this.socket.on('snapshot', ({ agents, counts, more }) => {
      this.#show(agents, counts);
      this.isComplete = !more;
    });
    this.socket.on('changes', ({ agents, removed, counts }) => {
      this.#show(agents, counts);
      for (const id of removed) this.rows.delete(id);
    });
    this.socket.on('disconnect', (why) => {
      this.ending = why;
    });
    this.socket.on('connect_error', (error) => {
      this.#refusal = (error as Error & { data?: ConnectRefusal }).data ?? { code: error.message };
    });
  }

  #show(agents: AgentPresence[], counts: PresenceCounts): void {
    this.counts = counts;
    for (const agent of agents) this.rows.set(agent.id, agent);
  }

  /** All messages of a kind so far. */
  all<E extends Event>(event: E): Parameters<ServerToDashboard[E]>[0][] {
    return this.received.filter((entry) => entry.event === event).map(({ message }) => message);
  }

  refused(): Promise<ConnectRefusal> {
    return until(() => this.#refusal, 'a refusal');
  }

  async complete(): Promise<this> {
    await until(() => this.isComplete, 'the snapshot', { everyMs: 2 });
    return this;
  }

  disconnected(): Promise<string> {
    return until(() => this.ending, 'the end of the connection', { everyMs: 2 });
  }

  /** Waits until an agent is shown as said. */
  shows(id: string, fields: Partial<AgentPresence>): Promise<AgentPresence> {
    return until(
      () => {
        const row = this.rows.get(id);
        const isSo = Object.entries(fields).every(
          ([field, value]) => row?.[field as keyof AgentPresence] === value,
        );
        return isSo ? row : undefined;
      },
      `${id} to be shown as ${JSON.stringify(fields)}, not ${JSON.stringify(this.rows.get(id))}`,
      { everyMs: 2, timeoutMs: 2_000 },
    );
  }

  lacks(id: string): Promise<true> {
    return until(() => !this.rows.has(id) || undefined, `${id} to be gone`, { everyMs: 2, timeoutMs: 2_000 });
  }

  close(): void {
    this.socket.disconnect();
  }
}
