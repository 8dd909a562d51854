/** What a test opens is closed after it, last first, also where it failed. */
export interface Cleanup {
  /** Closes it after the test; hands it back, to be used at once. */
  using<T extends { close(): unknown }>(resource: T): T;
  defer(task: () => unknown): void;
}

/** For one suite: what its tests open is closed after each of them. */
export function cleanupAfterEach(): Cleanup {
  const { cleanup, run } = createCleanup();
  afterEach(run);
  return cleanup;
}

/** For one suite: what it opens in `before` is closed when all of its tests are through. */
export function cleanupAfterAll(): Cleanup {
  const { cleanup, run } = createCleanup();
  after(run);
  return cleanup;
}

function createCleanup(): { cleanup: Cleanup; run: () => Promise<void> } {
  const tasks: (() => unknown)[] = [];
  const cleanup: Cleanup = {
    using(resource) {
      tasks.push(() => resource.close());
      return resource;
    },
    defer(task) {
      tasks.push(task);
    },
  };
  const run = async () => {
    const failures: unknown[] = [];
    for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
      try {
        await task();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Cleaning up failed');
  };
  return { cleanup, run };
}
