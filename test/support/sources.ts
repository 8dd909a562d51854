import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { PROJECT } from './node-process.ts';

/** A source file as the architecture sees it: where it stands, how long it is, what of the project it imports. */
export interface Source {
  /** Path from the project's root, with `/`. */
  path: string;
  lines: number;
  /** Files of the project that it imports, as paths from the root. */
  imports: string[];
  /** Packages that it imports. */
  packages: string[];
}

const SOURCE = /\.(ts|tsx|mts|js|mjs)$/;
const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s*(?:[^'"();]*?\bfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

/** All sources below these folders of the project. */
export function readSources(...folders: string[]): Source[] {
  return listFiles(...folders)
    .filter((path) => SOURCE.test(path) && !path.endsWith('.d.ts'))
    .map(readSource);
}

/** All files below these folders, as paths from the project's root. */
export function listFiles(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(PROJECT, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .filter((path) => !path.includes('node_modules/')),
  );
}

function readSource(path: string): Source {
  const text = readFileSync(join(PROJECT, path), 'utf8');
  const imports: string[] = [];
  const packages: string[] = [];
  for (const [, stated, dynamic] of withoutComments(text).matchAll(IMPORT)) {
    const specifier = (stated ?? dynamic)!;
    if (specifier.startsWith('.')) imports.push(posix.join(dirname(path), specifier));
    else packages.push(specifier);
  }
  return { path, lines: text.split('\n').length - 1, imports, packages };
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** The import cycles among sources, each as the path that closes it. */
export function findCycles(sources: readonly Source[]): string[][] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const cycles: string[][] = [];
  const visit = (path: string, trail: string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) {
      cycles.push([...trail.slice(start), path]);
      return;
    }
    if (done.has(path)) return;
    for (const next of byPath.get(path)?.imports ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return cycles;
}
