/** What a bench opens is closed when it is over, last first, also where it failed. */
export class Opened {
  readonly #open: { close(): unknown }[] = [];

  using<T extends { close(): unknown }>(resource: T): T {
    this.#open.push(resource);
    return resource;
  }

  async close(): Promise<void> {
    for (const resource of this.#open.splice(0).reverse()) await resource.close();
  }
}

export async function withOpened<T>(run: (opened: Opened) => Promise<T>): Promise<T> {
  const opened = new Opened();
  try {
    return await run(opened);
  } finally {
    await opened.close();
  }
}
