import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { DEFAULT_POLICY } from '../../../shared/policy.ts';
import {
  AVAILABILITY_CHANGES_PER_MINUTE,
  DEAD_LETTERS,
  GAP_MS,
  MAX_POINTS,
  MAX_SESSIONS,
  MAX_TURNS,
  RECORD_EVERY_MS,
  RECORDED_MS,
  RETENTION_MS,
  STEP_BACK_MS,
  WANTED_MS,
} from '../engine.ts';
import { type AuditRetention, KEPT_EVENTS, USUAL_RETENTION } from '../shelves.ts';

/** How long a node counts as alive after it last swept. */
export const LEASE_MS = 5_000;
/** After so long another node tells what a node took on and has not told. */
const CLAIM_MS = 3_000;
const WATCHED_MS = 5_000;
/** After a server took the place of another, nodes come over within this. */
export const SETTLE_MS = 5_000;

export interface Script {
  name: string;
  source: string;
  sha: string;
}

/** All scripts by name (`verb-noun`), each complete: its constants, what it includes, and itself. */
export type Scripts = ReadonlyMap<string, Script>;

const FOLDER = new URL('./scripts/', import.meta.url);

export interface ScriptOptions {
  /** Whether what happens is to be delivered. */
  deliver?: boolean | undefined;
  audit?: AuditRetention | undefined;
}

export function loadScripts(options: ScriptOptions = {}): Scripts {
  const names = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.lua'))
    .map((file) => file.slice(0, -4));
  return new Map(names.map((name) => [name, loadScript(name, options)]));
}

function loadScript(name: string, options: ScriptOptions): Script {
  const text = read(`${name}.lua`);
  const fragments = (line: string) =>
    namedIn(line)
      .map((fragment) => read(`include/${fragment}.lua`))
      .join('\n');
  const [first = ''] = INCLUDE.exec(text) ?? [];
  const body = text.replace(THEN_INCLUDE, fragments);
  const source = [constants(options), fragments(first), body].join('\n');
  return { name, source, sha: createHash('sha1').update(source).digest('hex') };
}

const INCLUDE = /^-- include: .*$/m;
/** What only some calls come to need: defined where it stands, so that the others do not pay for it. */
const THEN_INCLUDE = /^-- then include: .*$/m;

/** The fragments that a script names, in their order. */
export function includesOf(text: string): string[] {
  return [INCLUDE, THEN_INCLUDE].flatMap((line) => namedIn(line.exec(text)?.[0] ?? ''));
}

function namedIn(line: string): string[] {
  return /include: (.*)$/.exec(line)?.[1]?.split(', ') ?? [];
}

function read(path: string): string {
  return readFileSync(new URL(path, FOLDER), 'utf8');
}

/** What both engines agree on, from where it is written down. */
function constants({ deliver = false, audit = USUAL_RETENTION }: ScriptOptions): string {
  const values = {
    GAP_MS,
    STEP_BACK_MS,
    RETENTION_MS,
    MAX_SESSIONS,
    AVAILABILITY_CHANGES_PER_MINUTE,
    LEASE_MS,
    CLAIM_MS,
    WATCHED_MS,
    SETTLE_MS,
    AUDIT_LENGTH: audit.maxEvents,
    AUDIT_MAX_AGE_MS: audit.maxAgeMs,
    DEAD_LETTERS,
    MAX_POINTS,
    MAX_TURNS,
    RECORD_EVERY_MS,
    RECORDED_MS,
    WANTED_MS,
    DELIVER: deliver,
    DEFAULT_TIMEOUT_SECONDS: DEFAULT_POLICY.timeoutSeconds,
    DEFAULT_REMEMBER_AGENT: DEFAULT_POLICY.rememberMe.agent,
    DEFAULT_REMEMBER_REQUESTER: DEFAULT_POLICY.rememberMe.requester,
    KEPT_TYPES: `{ ${KEPT_EVENTS.map((type) => `['${type}'] = true`).join(', ')} }`,
  };
  return Object.entries(values)
    .map(([name, value]) => `local ${name} = ${value}`)
    .join('\n');
}
