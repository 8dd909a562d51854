import type { VigilEvent } from '../../shared/events.ts';
import type { PostResult } from './post.ts';

/** Agents of one account whose events are on their way at the same time. */
const LANES = 8;
/** After so many refusals the receiver is taken to refuse everything. */
const REFUSALS = 3;

export interface BatchResult {
  delivered: Set<string>;
  failed: Map<string, Extract<PostResult, { taken: false }>>;
}

/**
 * Sends events in their order for each agent, several agents at once. A refused event holds back what its agent did
 * after it. Where the receiver is out of reach, or `mayStart` says no, nothing more is begun; what is under way is awaited.
 */
export async function sendBatch(
  events: readonly VigilEvent[],
  send: (event: VigilEvent) => Promise<PostResult>,
  mayStart: () => boolean,
): Promise<BatchResult> {
  const result: BatchResult = { delivered: new Set(), failed: new Map() };
  const queues = [...byAgent(events).values()];

  let refusals = 0;
  const mayGoOn = () => refusals < REFUSALS && mayStart();

  async function sendQueue(queue: readonly VigilEvent[]): Promise<void> {
    for (const event of queue) {
      if (!mayGoOn()) return;
      const sent = await send(event);
      if (sent.taken) {
        result.delivered.add(event.id);
        continue;
      }
      result.failed.set(event.id, sent);
      refusals += sent.unreachable || sent.gone ? REFUSALS : 1;
      return;
    }
  }

  async function runLane(): Promise<void> {
    for (let queue = queues.shift(); queue !== undefined; queue = queues.shift()) await sendQueue(queue);
  }

  await Promise.all(Array.from({ length: LANES }, runLane));
  return result;
}

/** In the order of their first events, so that the oldest of all is tried first. */
function byAgent(events: readonly VigilEvent[]): Map<string, VigilEvent[]> {
  const queues = new Map<string, VigilEvent[]>();
  for (const event of events) {
    const agent = 'agent' in event.data ? `a${event.data.agent}` : '';
    const queue = queues.get(agent);
    if (queue === undefined) queues.set(agent, [event]);
    else queue.push(event);
  }
  return queues;
}
