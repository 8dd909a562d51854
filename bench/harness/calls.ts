/** Calls between a bench and the processes that it starts, over Node's own channel. */
export interface Call {
  id: number;
  name: string;
  args: unknown[];
}

export type Answer = { id: number; value?: unknown; error?: string };

// biome-ignore lint/suspicious/noExplicitAny: each process has its own functions
export type Callable = Record<string, (...args: any[]) => unknown>;

/** Lets the process that started this one call these functions. Without it, this one ends. */
export function answerCalls(functions: Callable): void {
  process.on('message', async ({ id, name, args }: Call) => {
    const run = functions[name];
    if (run === undefined) return;
    const answer: Answer = { id };
    try {
      answer.value = await run(...args);
    } catch (error) {
      answer.error = String((error as Error).stack ?? error);
    }
    process.send?.(answer);
  });
  process.on('disconnect', () => process.exit());
}
