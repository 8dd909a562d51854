import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.ts';

const FOLDER = new URL('../benches/', import.meta.url);

/** A file of bench/benches each, without its ending. */
export function namesOfBenches(): string[] {
  return readdirSync(fileURLToPath(FOLDER))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3))
    .sort();
}

export async function loadBench(name: string): Promise<Bench> {
  return ((await import(new URL(`${name}.ts`, FOLDER).href)) as { default: Bench }).default;
}
