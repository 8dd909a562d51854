import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { sidOf } from '../../host/index.ts';
import { apiOf } from '../support/api.ts';
import { findProgram, startChild } from '../support/children.ts';
import { startChromium } from '../support/chromium.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { PROJECT, startVigil } from '../support/node-process.ts';
import { freePort, temporaryFolder } from '../support/places.ts';
import { canConnect } from '../support/proxies.ts';
import { openTab } from '../support/tab.ts';
import { SECRET, signServiceToken } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';
import { WEBHOOK_SECRET } from '../support/webhook-receiver.ts';

/** A desk in each language, and how its page says to run it. */
const LANGUAGES = {
  js: {
    page: 'docs/first-host.md',
    // Where it finds the package, and what the package depends on.
    folder: () => mkdtempSync(join(PROJECT, '.tmp', 'desk-')),
    program: () => process.execPath,
    args: (file: string) => [file],
  },
  python: {
    page: 'docs/by-hand.md',
    folder: () => temporaryFolder('desk'),
    program: () => findProgram('/usr/bin/python3', 'python3'),
    args: (file: string, port: number) => [file, String(port)],
  },
  php: {
    page: 'docs/by-hand.md',
    folder: () => temporaryFolder('desk'),
    program: () => findProgram('php'),
    args: (file: string, port: number, folder: string) => [
      ...['-d', `session.save_path=${folder}`],
      ...['-S', `127.0.0.1:${port}`, file],
    ],
  },
};

describe('the desks in docs/', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterEach();

  /** The desk of one language as the page has it, in front of a Vigil that sends it webhooks. */
  async function startDesk(language: keyof typeof LANGUAGES) {
    const { page: path, folder: makeFolder, program, args } = LANGUAGES[language];
    const page = readFileSync(join(PROJECT, path), 'utf8');
    const [, code] = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(page)!;
    mkdirSync(join(PROJECT, '.tmp'), { recursive: true });
    const folder = makeFolder();
    cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'desk.mjs');
    writeFileSync(file, code!);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const node = cleanup.using(
      await startVigil({
        VIGIL_WEBHOOK_URL: `${url}/hooks/vigil`,
        VIGIL_WEBHOOK_SECRET: WEBHOOK_SECRET,
        VIGIL_ALLOWED_ORIGINS: url,
      }),
    );
    const child = startChild(program(), args(file, port, folder), {
      cwd: folder,
      env: {
        ...process.env,
        VIGIL_URL: node.url,
        VIGIL_JWT_SECRET: SECRET,
        VIGIL_WEBHOOK_SECRET: WEBHOOK_SECRET,
        DESK_DIR: folder,
        DESK_PORT: String(port),
      },
    });
    cleanup.defer(() => child.kill());
    await until(async () => {
      if (!child.running) throw new Error(child.lines.join('\n'));
      return canConnect(port);
    }, `the desk in ${language}`);
    return { url, node };
  }

  it('in js: has words for each reason, forgets at a reason, and remembers as the policy has it', async () => {
    const { url, node } = await startDesk('js');
    const ask = (method: string, path: string, cookie = '', body?: URLSearchParams) =>
      fetch(url + path, { method, redirect: 'manual', headers: { cookie }, ...(body && { body }) });
    const login = async (fields: Record<string, string>) =>
      (await ask('POST', '/login', '', new URLSearchParams(fields))).headers.getSetCookie()[0] ?? '';
    expect((await ask('POST', '/login')).status).to.equal(400);

    const page = await ask('GET', '/login?reason=timeout', 'desk=old');
    expect(page.headers.getSetCookie().join()).to.match(/^desk=;/);
    expect(await page.text())
      .to.include('because nobody was there')
      .and.include('Remember me');
    for (const reason of ['toString', '<b>', 'x&reason=timeout'])
      expect(await (await ask('GET', `/login?reason=${reason}`)).text(), reason).not.to.include('<p>');

    const api = apiOf(node.url, signServiceToken());
    expect(await login({ agent: 'ann', remember: 'on' })).to.include('Max-Age');
    const policy = { timeoutSeconds: 900, rememberMe: { agent: false, requester: true } };
    expect((await api.put('/v1/policy', policy)).status).to.equal(200);
    const ann = await login({ agent: 'ann', remember: 'on' });
    expect(ann, 'where the policy forbids it').not.to.include('Max-Age');

    const cookie = ann.split(';')[0]!;
    expect((await ask('GET', '/', cookie)).status).to.equal(200);
    expect((await ask('GET', '/admin', cookie)).status).to.equal(403);
    await node.kill();
    const away = await ask('GET', '/login');
    expect([away.status, (await away.text()).includes('Remember me')]).to.deep.equal([200, false]);
  });

  it('in js: shows a manager the dashboard, and an agent the way back into auto-assignment', async () => {
    const { url, node } = await startDesk('js');
    const browser = cleanup.using(await startChromium());
    const signIn = async (agent: string) => {
      const page = await browser.openPage(`${url}/login`);
      await page.getByLabel('Agent').fill(agent);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: `Hello ${agent}` }).waitFor();
      return page;
    };
    const api = apiOf(node.url, signServiceToken());
    const ann = await signIn('ann');
    await until(async () => (await api.get('/v1/agents/ann')).body.tabs === 1, "ann's tab to connect");
    await api.put('/v1/agents/ann/availability', { available: false });
    await ann.getByRole('button', { name: 'Give me tickets again' }).click();
    await until(async () => (await api.get('/v1/agents/ann')).body.available === true, 'ann to be back');
    await ann.close();

    const boss = await signIn('boss');
    await boss.getByRole('link', { name: 'Session Security' }).click();
    const dashboard = boss.frameLocator('#dashboard');
    await dashboard.getByRole('navigation').getByText('Audit log').waitFor();
  });

  for (const language of Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[]) {
    it(`runs in ${language}: tokens, the check on each request, the logout, webhooks`, async () => {
      const { url, node } = await startDesk(language);
      const ask = (method: string, path: string, cookie = '', body?: URLSearchParams) =>
        fetch(url + path, { method, redirect: 'manual', headers: { cookie }, ...(body && { body }) });
      const login = async (agent: string) => {
        const answer = await ask('POST', '/login', '', new URLSearchParams({ agent }));
        return answer.headers.getSetCookie().at(-1)!.split(';')[0]!;
      };
      const visit = async (cookie: string) => {
        const answer = await ask('GET', '/', cookie);
        return answer.status === 200 ? answer.text() : (answer.headers.get('location') ?? answer.status);
      };
      const api = apiOf(node.url, signServiceToken());

      expect(await visit('')).to.equal('/login?reason=unknown');
      const [ann, bob, cem] = [await login('ann'), await login('bob'), await login('cem')];
      for (const [cookie, name] of [
        [ann, 'ann'],
        [bob, 'bob'],
        [cem, 'cem'],
      ] as const)
        expect(await visit(cookie)).to.include(`Hello ${name}`);

      const { token } = (await (await ask('POST', '/vigil-token', ann)).json()) as { token: string };
      const tab = cleanup.using(await openTab(node.url, token));
      expect((await api.get('/v1/agents/available')).body.agents).to.deep.include({ id: 'ann', name: 'ann' });

      expect((await ask('POST', '/logout', ann)).status).to.be.below(400);
      expect((await tab.next('ended')).message.reason).to.equal('logout');
      const sid = sidOf(decodeURIComponent(ann.split('=')[1]!));
      expect((await api.get(`/v1/sessions/${sid}`)).body).to.include({ live: false, reason: 'logout' });
      expect(await visit(ann)).to.match(/^\/login/);

      await api.post('/v1/agents/bob/sign-out');
      const delivered = async () => {
        const metrics = await (await fetch(`${node.url}/metrics`)).text();
        return Number(/^vigil_webhooks_total\{outcome="delivered"\} (\d+)/m.exec(metrics)?.[1]);
      };
      const { events } = (await api.get('/v1/events')).body;
      expect(events.map(({ type }: { type: string }) => type)).to.include('session.ended');
      await until(async () => (await delivered()) >= events.length, 'every webhook to be taken');
      const forged = await ask('POST', '/hooks/vigil', '', new URLSearchParams({ type: 'session.ended' }));
      expect(forged.status).to.equal(400);

      await node.kill();
      expect(await visit(bob), 'dropped by the webhook: Vigil need not be asked').to.match(/reason=admin$/);
      // The host kit remembers a yes for two seconds.
      await until(async () => (await visit(cem)) === 503, 'a closed door: nobody can say');
      expect((await ask('POST', '/logout', cem)).status, 'who wants to go can go').to.be.below(400);
      expect(await visit(cem)).to.match(/^\/login/);
    });
  }
});
