import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Office, START } from '../server/http/office.ts';
import { startChromium } from '../support/chromium.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { PROJECT } from '../support/node-process.ts';
import { temporaryFolder } from '../support/places.ts';
import { agentClaims, sign } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';

const run = promisify(execFile);

/** What a host's own code looks like to TypeScript. */
const CONSUMER = `
import { connect, version, VigilError, type Ended, type Vigil } from 'vigil';
import { createVigilHost, sidOf, type VigilHost } from 'vigil/host';
import { useVigil } from 'vigil/react';

const host: VigilHost = createVigilHost({ url: 'http://127.0.0.1:3000', key: 'x'.repeat(32) });
const token: string = host.tokenFor({ agent: 'ann', account: 'acme', sessionId: 's', loginAt: new Date() });
const page: Vigil = connect({ getToken: () => token, onEnded: (ended: Ended) => ended.reason === 'logout' });
page.on('warning', ({ remainingMs }) => remainingMs.toFixed());
export const seen: string = [version, sidOf('s'), page.state, useVigil({ getToken: () => null }).state].join();
export const failed = (error: unknown) => error instanceof VigilError && error.code;
// @ts-expect-error what is no option is found out
connect({ getToken: () => token, warnings: true });
`;

/** A React application as Vite builds one: somebody signs in, and what Vigil says of them is shown. */
const APPLICATION = `
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useVigil } from 'vigil/react';

async function getToken() {
  const answer = await fetch('/vigil-token', { method: 'POST' });
  return answer.ok ? answer.text() : null;
}

function Desk() {
  const [reason, setReason] = useState('');
  const { state, session, vigil } = useVigil({
    url: import.meta.env.VITE_VIGIL,
    getToken,
    onEnded: (ended) => {
      setReason(ended.reason);
      return true;
    },
  });
  return (
    <main>
      <p id="state">{state} {session?.timeoutMs} {reason}</p>
      <button onClick={() => vigil.logout()}>Sign out</button>
    </main>
  );
}

function App() {
  const [signedIn, setSignedIn] = useState(false);
  if (signedIn) return <Desk />;
  return <button onClick={() => fetch('/login', { method: 'POST' }).then(() => setSignedIn(true))}>Sign in</button>;
}

createRoot(document.getElementById('app')).render(<StrictMode><App /></StrictMode>);
`;

describe('the package, installed into an empty project', function () {
  this.timeout(180_000);
  const cleanup = cleanupAfterAll();
  let project: string;
  let packed: string[];

  before(async () => {
    project = temporaryFolder('host');
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', project];
    const { stdout } = await run('npm', pack, { cwd: PROJECT, maxBuffer: 16_000_000 });
    const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf('[')));
    packed = files.map(({ path }: { path: string }) => path);
    writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    const install = [
      'install',
      `./${filename}`,
      // As they are in this project: then what was downloaded for it does.
      ...['react', 'react-dom', 'vite'].map((name) => `${name}@${versionOf(name)}`),
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
    ];
    await run('npm', install, { cwd: project, timeout: 150_000 });
  });

  const inProject = (name: string) => join(project, 'node_modules', name);

  it('holds what runs and what is read, and none of the sources, tests and settings', () => {
    for (const file of [
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'docs/protocol.md',
      'docs/openapi.json',
      'deploy/grafana.json',
      'dist/client/vigil.js',
      'dist/client/vigil.mjs',
      'dist/client/dashboard/index.html',
      'dist/server/main.js',
      'dist/types/host/index.d.ts',
    ]) {
      expect(packed, file).to.include(file);
    }
    const stray = packed.filter(
      (path) => !/^(dist|docs|deploy)\/|^(LICENSE|README\.md|CHANGELOG\.md|package\.json)$/.test(path),
    );
    expect(stray).to.deep.equal([]);
    expect(packed.filter((path) => path.endsWith('.png'))).to.deep.equal([]);
    expect(packed.filter((path) => /(^|[/.])test[/.]|(?<!\.d)\.tsx?$/.test(path))).to.deep.equal([]);
  });

  it('gives hosts their kit, and a page the SDK, as ES modules', async () => {
    const script = `
      import { createVigilHost, sidOf } from 'vigil/host';
      const host = createVigilHost({ url: 'http://127.0.0.1:3000', key: 'x'.repeat(32) });
      const token = host.tokenFor({ agent: 'ann', account: 'acme', sessionId: 's', loginAt: new Date() });
      console.log(token.split('.').length, sidOf('s').length > 0, import.meta.resolve('vigil'));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: project });
    expect(stdout).to.match(/^3 true file:.*\/vigil\.mjs\n$/);
  });

  it('has a command that says what it can do', async () => {
    const { stdout } = await run(inProject('.bin/vigil'), ['--help'], { cwd: project });
    expect(stdout).to.include('vigil').and.to.include('doctor');
  });

  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    it(`is typed, for ${moduleResolution}`, async () => {
      writeFileSync(join(project, 'consumer.ts'), CONSUMER);
      const compilerOptions = {
        module,
        moduleResolution,
        strict: true,
        noEmit: true,
        target: 'es2022',
        lib: ['es2023', 'dom', 'dom.iterable'],
        types: ['node'],
        typeRoots: [join(PROJECT, 'node_modules/@types')],
        skipLibCheck: false,
      };
      writeFileSync(
        join(project, 'tsconfig.json'),
        JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
      );
      const tsc = join(PROJECT, 'node_modules/typescript/bin/tsc');
      const { stdout } = await run(process.execPath, [tsc, '-p', project], { cwd: project }).catch(
        (error) => error,
      );
      expect(stdout).to.equal('');
    });
  }

  /** A host with these pages, whose `/login` signs somebody in. */
  async function serve(pages: Map<string, string | Buffer>, token: () => string): Promise<string> {
    let signedIn = false;
    const server = createServer(({ method, url = '' }, res) => {
      if (method === 'POST') {
        signedIn ||= url === '/login';
        res.statusCode = signedIn ? 200 : 401;
        res.end(token());
      } else {
        res.setHeader('content-type', url.endsWith('.js') ? 'text/javascript' : 'text/html');
        res.end(pages.get(url) ?? '');
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanup.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('runs in a plain page by its script', async () => {
    const token = sign(agentClaims(START));
    const pages = new Map<string, string>();
    const origin = await serve(pages, () => token);
    const office = cleanup.using(await Office.open({ VIGIL_ALLOWED_ORIGINS: origin }));
    pages.set('/vigil.js', readFileSync(inProject('vigil/dist/client/vigil.js'), 'utf8'));
    const options = `url: ${JSON.stringify(office.node.url)}, getToken: () => '${token}'`;
    pages.set(
      '/',
      `<!doctype html><script src="/vigil.js"></script><script>window.page = Vigil.connect({ ${options} });</script>`,
    );
    const page = await cleanup.using(await startChromium()).openPage(origin);
    const state = () => page.evaluate('window.page.state');
    await until(async () => (await state()) === 'active', 'the plain page to be active');
    expect(await page.evaluate('Vigil.version')).to.equal('0.1.0');
  });

  it('runs in a React application that Vite builds, by its hook: signed in, warned, back, signed out', async () => {
    const pages = new Map<string, string | Buffer>();
    const origin = await serve(pages, () =>
      sign(agentClaims(office.clock.now(), { auth_time: START / 1_000 })),
    );
    const office: Office = cleanup.using(
      await Office.open({ VIGIL_ALLOWED_ORIGINS: origin, VIGIL_MIN_TIMEOUT: '2m' }),
    );
    const policy = { timeoutSeconds: 120, rememberMe: { agent: true, requester: true } };
    expect((await office.backend().put('/v1/policy', policy)).status).to.equal(200);

    writeFileSync(join(project, 'application.jsx'), APPLICATION);
    const script = '<script type="module" src="/application.jsx"></script>';
    writeFileSync(join(project, 'index.html'), `<!doctype html><div id="app"></div>${script}`);
    await run(inProject('.bin/vite'), ['build', '--outDir', 'built'], {
      cwd: project,
      env: { ...process.env, NODE_ENV: 'production', VITE_VIGIL: office.node.url },
    });
    pages.set('/', readFileSync(join(project, 'built/index.html')));
    for (const file of readdirSync(join(project, 'built/assets')))
      pages.set(`/assets/${file}`, readFileSync(join(project, 'built/assets', file)));

    const page = await cleanup.using(await startChromium()).openPage(origin);
    const shows = (text: string) =>
      until(async () => (await page.textContent('#state'))?.trim() === text, `the page to say ${text}`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await shows('active 120000');
    const warned = async () => {
      office.clock.advance(1_000);
      return (await office.backend().get('/v1/agents/ann')).body.warned === true;
    };
    // A minute, second by second: on a loaded machine that is many small waits.
    await until(warned, 'the warning', { timeoutMs: 30_000, everyMs: 1 });
    await shows('warning 120000');
    await page.keyboard.press('Shift');
    await shows('active 120000');
    await office.manager().post('/v1/agents/ann/sign-out');
    await shows('ended 120000 admin');
  });
});

function versionOf(name: string): string {
  return JSON.parse(readFileSync(join(PROJECT, 'node_modules', name, 'package.json'), 'utf8')).version;
}
