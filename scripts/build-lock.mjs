// One build at a time: a file that names the process that builds. A lock whose process is gone is void.
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 100;

/**
 * @param {string} folder where the lock file goes
 * @returns {Promise<() => Promise<void>>} what releases it
 */
export async function acquireBuildLock(folder) {
  await mkdir(folder, { recursive: true });
  const lock = join(folder, 'build.lock');
  const mine = join(folder, `build.lock.${process.pid}`);
  await writeFile(mine, String(process.pid));
  try {
    // link() puts the lock there with its content in one step, or fails where there is one.
    while (!(await take(mine, lock))) {
      if (await isVoid(lock)) await rm(lock, { force: true });
      else await sleep(RETRY_MS);
    }
  } finally {
    await rm(mine, { force: true });
  }
  return () => rm(lock, { force: true });
}

async function take(mine, lock) {
  try {
    await link(mine, lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

async function isVoid(lock) {
  const holder = Number(await readFile(lock, 'utf8').catch(() => 'Infinity'));
  if (!Number.isInteger(holder)) return false;
  try {
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
