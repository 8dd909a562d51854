import { expect } from 'chai';
import { type DeskUnderTest, startDesk } from './desk-under-test.ts';

describe('demo desk: protection', () => {
  let desk: DeskUnderTest;
  beforeEach(async () => {
    desk = await startDesk();
  });
  afterEach(() => desk.close());

  const FOREIGN: [string, Record<string, string>][] = [
    ['another site', { origin: 'https://evil.example' }],
    ['the same host on another port', { origin: 'http://127.0.0.1:1' }],
    ['an opaque origin', { origin: 'null' }],
    ['a browser that says so', { 'sec-fetch-site': 'cross-site' }],
    ['another subdomain', { 'sec-fetch-site': 'same-site' }],
  ];
  for (const [what, headers] of FOREIGN) {
    it(`changes nothing for a form that comes from ${what}`, async () => {
      const browser = desk.browser();
      await browser.login('priya');
      expect((await browser.post('/desk/simulate', {}, headers)).status).to.equal(403);
      expect((await browser.post('/logout', {}, headers)).status).to.equal(403);
      expect(
        (await browser.post('/login', { email: 'a@b.example', password: 'x' }, headers)).status,
      ).to.equal(403);
      expect((await browser.get('/desk/tickets')).text).to.include('Priya Raman');
    });
  }

  it('changes nothing for a form without its page’s token', async () => {
    const browser = desk.browser();
    await browser.login('priya');
    for (const form of ['', 'guessed']) {
      expect((await browser.post('/desk/simulate', { form })).status).to.equal(409);
      expect((await browser.post('/desk/tickets/1002/reply', { form, text: 'x' })).status).to.equal(409);
    }
    const customer = desk.browser();
    await customer.login('tomas');
    expect((await customer.post('/help/tickets', { form: '', subject: 'x', text: 'y' })).status).to.equal(
      409,
    );
  });

  it('takes nothing from a tab of the person before in the name of the next', async () => {
    const shared = desk.browser();
    await shared.login('priya');
    const left = { ...shared };
    const cookieOfNext = desk.browser();
    await cookieOfNext.login('jonas');
    // The tab that is left over sends the cookie of now with the form token of then.
    shared.cookies.set('desk_agent', cookieOfNext.cookies.get('desk_agent')!);
    expect((await left.call('PUT', '/desk/tickets/1002/draft', { text: 'of Priya' })).status).to.equal(409);
    expect((await left.call('POST', '/desk/token')).status).to.equal(409);
    expect((await left.post('/desk/tickets/1002/reply', { text: 'of Priya' })).status).to.equal(409);
    expect((await cookieOfNext.get('/desk/tickets/1002')).text).not.to.include('of Priya');
  });

  it('sends every page with a policy that runs no inline script, and lets nobody store or frame it', async () => {
    const browser = desk.browser();
    const pages = [await browser.get('/login'), await browser.get('/help/login')];
    await browser.login('mara');
    for (const path of [
      '/desk/tickets',
      '/desk/tickets/1003',
      '/desk/manage/general/security/session',
      '/desk/nowhere',
    ])
      pages.push(await browser.get(path));
    for (const { headers, text } of pages) {
      expect(headers.get('content-security-policy'))
        .to.include("default-src 'none'")
        .and.include("frame-ancestors 'none'");
      expect(headers.get('content-security-policy')).not.to.include('unsafe');
      expect(headers.get('cache-control')).to.equal('no-store');
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(text).not.to.match(/<script(?! type="module" src=)|<style|style="|\son\w+=/);
    }
  });

  it('shows what people typed as they typed it', async () => {
    const canary = `<img src=x onerror="alert('1')">&amp;`;
    const shown = '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;';
    const customer = desk.browser();
    await customer.login('tomas');
    const opened = await customer.post('/help/tickets', { subject: canary, text: canary });
    const number = /\d+/.exec(opened.location)![0];
    const agent = desk.browser();
    await agent.login('priya');
    await agent.call('PUT', `/desk/tickets/${number}/draft`, { text: `</textarea>${canary}` });
    const query = encodeURIComponent(canary);
    const pages = [
      await customer.get('/help'),
      await customer.get(opened.location),
      await agent.get(`/desk/tickets/${number}`),
      await agent.get('/desk/tickets?view=open'),
      await agent.get(`/desk/tickets?q=${query}`),
      await agent.get(`/desk/tickets?view=${query}`),
      await agent.post('/login', { email: canary, password: 'x', return: canary }),
      await agent.get(`/help/login?reason=${query}&return=${query}`),
    ];
    for (const { text } of pages) expect(text).not.to.include('<img src=x');
    for (const page of [0, 1, 2, 3, 4, 6]) expect(pages[page]!.text).to.include(shown);
  });

  it('shows a customer’s mail only in a frame that runs nothing and loads nothing', async () => {
    const browser = desk.browser();
    await browser.login('priya');
    const page = await browser.get('/desk/tickets/1003');
    const [frame] = /<iframe[^>]*>/.exec(page.text)!;
    expect(frame).to.include('sandbox="allow-popups allow-popups-to-escape-sandbox"');
    expect(page.text).not.to.include('tracking.example');
    const mail = await browser.get(/src="([^"]+)"/.exec(frame)![1]!);
    const policy = mail.headers.get('content-security-policy')!;
    expect(policy)
      .to.match(/^sandbox allow-popups/)
      .and.include("default-src 'none'")
      .and.include('img-src data:');
    expect(policy).not.to.match(/script|allow-same-origin/);
    expect((await desk.browser().get('/desk/tickets/1003/messages/0/mail')).status).to.equal(303);
  });

  it('answers what it can’t read with a page that says so, and goes on', async () => {
    const browser = desk.browser();
    await browser.login('priya');
    const put = (body: string) =>
      fetch(`${desk.url}/desk/tickets/1002/draft`, {
        method: 'PUT',
        body,
        headers: { 'content-type': 'application/json' },
      });
    expect((await put('{"text":')).status).to.equal(400);
    expect((await put(JSON.stringify({ text: 'x'.repeat(300_000) }))).status).to.equal(413);
    expect((await browser.call('PUT', '/desk/tickets/1002/draft', { text: 7 })).status).to.equal(422);
    expect(
      (await browser.call('PUT', '/desk/tickets/1002/draft', { text: 'x'.repeat(20_001) })).status,
    ).to.equal(422);
    expect((await browser.call('PUT', '/desk/tickets/9999/draft', { text: 'x' })).status).to.equal(404);
    for (const path of [
      '/desk/tickets/9999',
      '/desk/tickets/__proto__',
      '/desk/%ff',
      '/desk/tickets/1002/messages/99/mail',
    ])
      expect((await browser.get(path)).status, path).to.be.oneOf([400, 404]);
    expect((await browser.post('/desk/tickets/1002/update', { assignee: 'nobody-known' })).status).to.equal(
      422,
    );
    expect((await browser.post('/desk/tickets/1002/reply', { text: '  ' })).status).to.equal(422);
    expect((await browser.get('/desk/tickets')).status).to.equal(200);
  });

  it('keeps the settings from who lacks Manage Security', async () => {
    const path = '/desk/manage/general/security/session';
    for (const person of ['jonas', 'priya']) {
      const browser = desk.browser();
      await browser.login(person);
      const answer = await browser.get(path);
      expect(answer.status).to.equal(403);
      expect(answer.text).to.include('Manage Security').and.not.to.include('id="vigil"');
      expect((await browser.get('/desk/tickets')).text).not.to.include(path);
    }
    const browser = desk.browser();
    await browser.login('mara');
    expect((await browser.get('/desk/tickets')).text).to.include(path);
    expect((await browser.get(path)).text).to.include('id="vigil"');
    expect((await browser.get('/desk/manage')).location).to.equal(path);
  });

  it('leaves every path that is Vigil’s to Vigil', async () => {
    for (const path of [
      '/v2/x',
      '/socket.io/',
      '/vigil.js',
      '/dashboard/',
      '/healthz',
      '/metrics',
      '/desktop',
      '/logins',
    ]) {
      const answer = await desk.browser().get(path);
      expect(
        answer.headers.has('content-security-policy') && answer.text.includes('Tidewater'),
        path,
      ).to.equal(false);
    }
  });
});
