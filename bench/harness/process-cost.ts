import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** CPU time of a process so far in ms, user and system, of all its threads. */
export function cpuMs(pid: number): number {
  return Math.max(ticksMs(pid), scheduledMs(pid));
}

/** As `ps` has it: whole hundredths of a second, with the threads that have ended. */
function ticksMs(pid: number): number {
  // The name of the program may hold spaces and braces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}

/** The same to the nanosecond, of the threads that live. */
function scheduledMs(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      // It ended meanwhile.
    }
  }
  return sum / 1e6;
}

/** What a process holds of memory, in kB: all of it, and its share of what several use. */
export function memoryKb(pid: number): { rss: number; pss: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)![1]);
  return { rss: field('Rss'), pss: field('Pss') };
}

/** CPU time in ms that a process spends while something runs. */
export async function cpuOf(pid: number, run: () => Promise<unknown>): Promise<number> {
  const before = cpuMs(pid);
  await run();
  return cpuMs(pid) - before;
}
