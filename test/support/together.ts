/**
 * A suite whose tests spend their time waiting for the server's clock: all of them start together, and each reports
 * for itself. They share one server, so each takes agents (or accounts) of its own.
 */
export function describeTogether(
  title: string,
  { setUp, tearDown, timeoutMs }: { setUp(): Promise<void>; tearDown(): Promise<void>; timeoutMs: number },
  define: (test: (title: string, run: () => Promise<void>) => void) => void,
): void {
  describe(title, () => {
    const starts: (() => void)[] = [];

    before(async function () {
      this.timeout(30_000);
      await setUp();
      for (const start of starts) start();
    });
    after(tearDown);

    define((testTitle, run) => {
      let outcome: Promise<void> | undefined;
      starts.push(() => {
        outcome = run();
        // It is reported by its own test, which may come up later than the failure.
        outcome.catch(() => {});
      });
      it(testTitle, () => outcome!).timeout(timeoutMs);
    });
  });
}
