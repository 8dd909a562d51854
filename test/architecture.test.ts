import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { ERROR_STATUS } from '../shared/errors.ts';
import { PROJECT } from './support/node-process.ts';
import { findCycles, listFiles, readSources, type Source } from './support/sources.ts';

const ROOMS = ['shared', 'server', 'client', 'host', 'cli', 'demo'];
const MAX_LINES = 300;
/** Nothing but a list: all texts of the dashboard in one file, so that a translation is one file, too. */
const TEXTS = 'client/dashboard/texts.ts';
/** What speaks to sockets, requests or the web; the engine knows none of it. */
const TRANSPORTS = /^(socket\.io|socket\.io-client|express|helmet|ws|node:https?|node:http2|@socket\.io\/)/;

describe('the architecture', () => {
  const sources = readSources(...ROOMS);
  const inRoom = (room: string) => sources.filter(({ path }) => path.startsWith(`${room}/`));

  /** `from: what it imports` for each import of a room that the rule does not allow. */
  function strayImports(room: string, allowed: (path: string, from: Source) => boolean): string[] {
    return inRoom(room).flatMap((source) =>
      source.imports.filter((path) => !allowed(path, source)).map((path) => `${source.path}: ${path}`),
    );
  }
  const under =
    (...rooms: string[]) =>
    (path: string) =>
      rooms.some((room) => path.startsWith(`${room}/`));

  it('finds the sources it judges, and their imports', () => {
    const engine = sources.find(({ path }) => path === 'server/engine/engine.ts');
    expect(engine?.imports).to.include('shared/protocol.ts');
    expect(sources.length).to.be.greaterThan(20);
  });

  it('lets shared import nothing above it, and no I/O', () => {
    expect(strayImports('shared', under('shared'))).to.deep.equal([]);
    const packages = new Set(inRoom('shared').flatMap((source) => source.packages));
    expect([...packages].filter((name) => name !== 'zod')).to.deep.equal([]);
  });

  it('lets the client import nothing but itself and shared', () => {
    expect(strayImports('client', under('client', 'shared'))).to.deep.equal([]);
    const packages = inRoom('client').flatMap((source) => source.packages);
    expect(packages.filter((name) => name.startsWith('node:'))).to.deep.equal([]);
  });

  it('lets the client take types only from schemas, whose library would weigh on every page', () => {
    const validating = sources.filter(({ packages }) => packages.includes('zod')).map(({ path }) => path);
    const importing = inRoom('client').filter(({ imports }) =>
      imports.some((path) => validating.includes(path)),
    );
    const heavy = importing.filter(({ path }) => {
      return /import\s+(?!type\b)[^;]*?\/schemas\.ts'/.test(readProject(path));
    });
    expect(heavy.map(({ path }) => path)).to.deep.equal([]);
  });

  it('lets the host kit import nothing but itself and shared: it runs in somebody else’s process', () => {
    expect(strayImports('host', under('host', 'shared'))).to.deep.equal([]);
  });

  it('lets nothing import the command line', () => {
    const importing = sources.filter(({ path }) => !path.startsWith('cli/'));
    const stray = importing.filter(({ imports }) => imports.some(under('cli')));
    expect(stray.map(({ path }) => path)).to.deep.equal([]);
  });

  it('lets the demo use Vigil through its public contract and the package’s host kit only', () => {
    expect(strayImports('demo', under('demo'))).to.deep.equal([]);
    const ours = inRoom('demo').flatMap(({ packages }) => packages.filter((name) => /^vigil\b/.test(name)));
    expect([...new Set(ours)]).to.deep.equal(['vigil/host']);
  });

  it('lets the engine know no socket, no request and nothing above it', () => {
    const plain = ['server/clock.ts', 'server/redis-url.ts', 'server/turns.ts'];
    const allowed = (path: string) =>
      under('server/engine', 'server/redis', 'shared')(path) || plain.includes(path);
    expect(strayImports('server/engine', allowed)).to.deep.equal([]);
    expect(
      strayImports('server/redis', (path) => under('server/redis')(path) || plain.includes(path)),
    ).to.deep.equal([]);
    const transports = inRoom('server/engine').flatMap(({ path, packages }) =>
      packages.filter((name) => TRANSPORTS.test(name)).map((name) => `${path}: ${name}`),
    );
    expect(transports).to.deep.equal([]);
  });

  it('lets http, sockets and webhooks see the engine only as its port', () => {
    const isImplementation = (path: string) => /^server\/engine\/[^/]+\//.test(path);
    for (const room of ['server/http', 'server/sockets', 'server/webhooks']) {
      expect(
        strayImports(room, (path) => !isImplementation(path)),
        room,
      ).to.deep.equal([]);
    }
  });

  it('keeps http, sockets and webhooks apart from one another', () => {
    const rooms = ['server/http', 'server/sockets', 'server/webhooks'];
    for (const room of rooms) {
      const others = rooms.filter((other) => other !== room);
      expect(
        strayImports(room, (path) => !under(...others)(path)),
        room,
      ).to.deep.equal([]);
    }
  });

  it('names the engines in the composition root alone', () => {
    const outside = sources.filter(({ path }) => /^server\/[^/]+\.ts$/.test(path));
    const naming = outside.filter(({ imports }) =>
      imports.some((path) => /^server\/engine\/[^/]+\//.test(path)),
    );
    // main starts a node, node.ts puts its parts together.
    const roots = ['server/main.ts', 'server/node.ts', 'server/open-engine.ts'];
    expect(naming.map(({ path }) => path).filter((path) => !roots.includes(path))).to.deep.equal([]);
  });

  it('has no import cycle', () => {
    expect(findCycles(sources).map((cycle) => cycle.join(' → '))).to.deep.equal([]);
  });

  it(`keeps every source within ${MAX_LINES} lines`, () => {
    const judged = readSources(...ROOMS, 'scripts', 'test').filter(({ path }) => path !== TEXTS);
    const long = judged.filter(({ lines }) => lines > MAX_LINES);
    expect(long.map(({ path, lines }) => `${path}: ${lines}`)).to.deep.equal([]);
  });

  it('names files after what they are about', () => {
    const vague = /^(utils?|helpers?|managers?|data|misc|common)\b|[-.](utils?|helpers?|managers?)\./i;
    const files = listFiles(...ROOMS, 'test', 'scripts').map((path) => basename(path));
    expect(files.filter((name) => vague.test(name))).to.deep.equal([]);
  });

  it('documents every error code with its status in docs/protocol.md, and no other', () => {
    expect(documentedStatuses(readProject('docs/protocol.md'))).to.deep.equal(ERROR_STATUS);
  });

  it('documents every code that only sockets answer with', () => {
    const codes = [...readProject('shared/errors.ts').matchAll(/'([a-z_]+)'/g)].map(([, code]) => code!);
    const protocol = readProject('docs/protocol.md');
    expect(codes).to.include('bad_payload');
    expect(codes.filter((code) => !new RegExp(`[\`"]${code}[\`"]`).test(protocol))).to.deep.equal([]);
  });
});

function readProject(path: string): string {
  return readFileSync(join(PROJECT, path), 'utf8');
}

/** The rows of the table whose first columns are headed `code` and `status`. */
function documentedStatuses(markdown: string): Record<string, number> {
  const statuses: Record<string, number> = {};
  let inTable = false;
  for (const line of markdown.split('\n')) {
    if (/^\|\s*code\s*\|\s*status\s*\|/i.test(line)) inTable = true;
    else if (!line.startsWith('|')) inTable = false;
    const [, code, status] = (inTable && /^\|\s*`(\w+)`\s*\|\s*(\d+)\s*\|/.exec(line)) || [];
    if (code !== undefined) statuses[code] = Number(status);
  }
  return statuses;
}
