import { WebSocket } from 'ws';
import { freePort } from './places.ts';

/** Looks into the memory of a node from outside, by its debugger: nothing of this is in the product. */
export interface Heap {
  /** What a node must be started with. */
  readonly env: Record<string, string>;
  /** Bytes that are still in use after everything that can be freed has been. */
  usedBytes(): Promise<number>;
}

export async function watchHeap(): Promise<Heap> {
  const port = await freePort();
  return {
    env: { NODE_OPTIONS: `--inspect=127.0.0.1:${port}` },
    async usedBytes() {
      const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
        webSocketDebuggerUrl: string;
      }[];
      const debug = await openDebugger(targets[0]!.webSocketDebuggerUrl);
      try {
        // What is freed by finalizers is gone only after another turn.
        for (let round = 0; round < 3; round += 1) await debug('HeapProfiler.collectGarbage', {});
        const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())';
        const { result } = (await debug('Runtime.evaluate', { expression })) as { result: { value: number } };
        return result.value;
      } finally {
        debug.close();
      }
    },
  };
}

type Ask = ((method: string, params: object) => Promise<unknown>) & { close(): void };

async function openDebugger(url: string): Promise<Ask> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  let last = 0;
  const ask = (method: string, params: object) =>
    new Promise((resolve) => {
      last += 1;
      const id = last;
      const hear = (data: unknown) => {
        const answer = JSON.parse(String(data)) as { id?: number; result?: unknown };
        if (answer.id !== id) return;
        socket.off('message', hear);
        resolve(answer.result);
      };
      socket.on('message', hear);
      socket.send(JSON.stringify({ id, method, params }));
    });
  return Object.assign(ask, { close: () => socket.close() });
}
