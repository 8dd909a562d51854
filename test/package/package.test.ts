import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { build } from 'esbuild';
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

/** A React application; any React will do, and Preact's is at hand. */
const APPLICATION = `
import { createElement, render } from 'preact/compat';
import { useVigil } from 'vigil/react';
function Desk() {
  const { state, session } = useVigil({ url: VIGIL_URL, getToken: () => TOKEN });
  return createElement('p', { id: 'state' }, state + ' ' + (session?.timeoutMs ?? ''));
}
render(createElement(Desk), document.getElementById('app'));
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

  it('runs in a plain page by its script, and in a React application by its hook', async () => {
    const pages = new Map<string, string>([
      ['/vigil.js', readFileSync(inProject('vigil/dist/client/vigil.js'), 'utf8')],
    ]);
    const server = createServer(({ url = '' }, res) => {
      res.setHeader('content-type', url.endsWith('.js') ? 'text/javascript' : 'text/html');
      res.end(pages.get(url) ?? '');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanup.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const office = cleanup.using(await Office.open({ VIGIL_ALLOWED_ORIGINS: origin }));
    const token = sign(agentClaims(START));
    const url = JSON.stringify(office.node.url);
    pages.set(
      '/plain',
      `<!doctype html><script src="/vigil.js"></script>
       <script>window.page = Vigil.connect({ url: ${url}, getToken: () => '${token}' });</script>`,
    );
    pages.set('/react', '<!doctype html><div id="app"></div><script type="module" src="/react.js"></script>');
    writeFileSync(join(project, 'application.js'), APPLICATION);
    const { outputFiles } = await build({
      entryPoints: [join(project, 'application.js')],
      bundle: true,
      write: false,
      format: 'esm',
      define: { VIGIL_URL: url, TOKEN: JSON.stringify(token) },
      alias: { react: 'preact/compat' },
      nodePaths: [join(PROJECT, 'node_modules')],
      logLevel: 'error',
    });
    pages.set('/react.js', outputFiles[0]!.text);
    const device = cleanup.using(await startChromium());

    const plain = await device.openPage(`${origin}/plain`);
    const state = () => plain.evaluate('window.page.state');
    await until(async () => (await state()) === 'active', 'the plain page to be active');
    expect(await plain.evaluate('Vigil.version')).to.equal('0.1.0');

    const react = await device.openPage(`${origin}/react`);
    const text = () => react.textContent('#state');
    await until(async () => (await text()) === 'active 86400000', 'the React application to be active');
  });
});
