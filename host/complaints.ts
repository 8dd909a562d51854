/** Where the kit says what a person should look into. */
export type Log = (message: string, error?: unknown) => void;

const AGAIN_AFTER_MS = 60_000;
/** What is said may hold what a stranger sent; memory is bounded whatever it is. */
const MOST_REMEMBERED = 100;

export const toConsole: Log = (message, ...error) => console.error(message, ...error);

/** Says each thing at most once a minute, however many requests meet it. */
export function createComplaints(log: Log, now: () => number): Log {
  const said = new Map<string, number>();
  return (message, ...error) => {
    const at = said.get(message);
    if (at !== undefined && now() - at < AGAIN_AFTER_MS) return;
    if (at === undefined && said.size >= MOST_REMEMBERED) said.clear();
    said.set(message, now());
    log(message, ...error);
  };
}
