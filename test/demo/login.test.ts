import { expect } from 'chai';
import { type DeskUnderTest, startDesk } from './desk-under-test.ts';

describe('demo desk: signing in and out', () => {
  let desk: DeskUnderTest;
  beforeEach(async () => {
    desk = await startDesk();
  });
  afterEach(() => desk.close());

  it('sends who is not signed in to the login form and, once signed in, back to the page they wanted', async () => {
    const browser = desk.browser();
    const refused = await browser.get('/desk/tickets/1003?from=mail');
    expect(refused.status).to.equal(303);
    const form = await browser.get(refused.location);
    expect(form.text).to.include('name="return" value="/desk/tickets/1003?from=mail"');
    const answer = await browser.login('priya', { return: '/desk/tickets/1003?from=mail' });
    expect(answer.location).to.equal('/desk/tickets/1003?from=mail');
  });

  it('leads nowhere but into the desk after signing in', async () => {
    for (const elsewhere of [
      'https://evil.example/desk',
      '//evil.example/desk',
      '/\\evil.example',
      '/v1/policy',
      '/desk/../help',
    ]) {
      const answer = await desk.browser().login('priya', { return: elsewhere });
      expect(answer.location, elsewhere).to.equal('/desk');
    }
  });

  it('refuses a wrong password, an unknown address and a customer at the agents’ door in the same words', async () => {
    const browser = desk.browser();
    const attempts = [
      { email: 'priya@tidewater.example', password: 'wrong' },
      { email: 'nobody@tidewater.example', password: 'chain-of-events' },
      { email: 'tomas@example.org', password: 'downhill-only' },
    ];
    for (const attempt of attempts) {
      const answer = await browser.post('/login', attempt);
      expect(answer.status).to.equal(401);
      expect(answer.text).to.include('do not fit together');
    }
    expect(browser.cookies.size).to.equal(0);
    expect(desk.vigil.seen).to.deep.equal([]);
  });

  it('slows down who guesses, and nobody else', async () => {
    const browser = desk.browser();
    const guess = () => browser.post('/login', { email: 'priya@tidewater.example', password: 'guess' });
    for (let attempt = 0; attempt < 10; attempt += 1) expect((await guess()).status).to.equal(401);
    const refused = await guess();
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 900);
    expect((await browser.login('priya')).status, 'the right password, too').to.equal(429);
    expect((await browser.login('jonas')).status).to.equal(303);
  });

  it('gives each login a new session id, whatever cookie came with it, and ends the one before', async () => {
    const browser = desk.browser();
    browser.cookies.set('desk_agent', `desk_agent=${'x'.repeat(43)}`);
    await browser.login('priya');
    const first = browser.cookies.get('desk_agent');
    expect(first).not.to.include('xxx');
    const firstSid = desk.vigil.seen.at(-1)!.sid;

    await browser.login('jonas');
    expect(browser.cookies.get('desk_agent')).not.to.equal(first);
    expect(desk.vigil.ended.get(firstSid)).to.equal('logout');
    const old = desk.browser();
    old.cookies.set('desk_agent', first!);
    expect((await old.get('/desk/tickets')).location).to.match(/^\/login/);
  });

  it('tells Vigil who it is by a token that never holds the cookie’s id', async () => {
    const browser = desk.browser();
    await browser.login('mara');
    const [claims] = desk.vigil.seen;
    expect(claims).to.include({ sub: 'mara', account: 'tidewater', name: 'Mara Lindqvist' });
    expect(claims!.permissions).to.deep.equal(['manage_security']);
    expect(claims!.auth_time).to.equal(Math.floor(desk.clock.at / 1_000));
    expect(claims!.exp! - claims!.iat!).to.be.at.most(900);
    expect(JSON.stringify(claims)).not.to.include(browser.cookies.get('desk_agent')!.slice(11, 54));
  });

  it('refreshes the page’s token for the same login, without making it a new one', async () => {
    const browser = desk.browser();
    await browser.login('priya');
    desk.clock.at += 300_000;
    const answer = await browser.call('POST', '/desk/token');
    const { token } = JSON.parse(answer.text);
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    const [first] = desk.vigil.seen;
    expect(claims.sid).to.equal(first!.sid);
    expect(claims.auth_time).to.equal(first!.auth_time);
    expect(claims.iat).to.equal(first!.iat! + 300);
    expect(claims.auto_assign).to.equal(true);
  });

  it('ends the session at Vigil and here on signing out, and says so', async () => {
    const browser = desk.browser();
    await browser.login('priya');
    const cookie = browser.cookies.get('desk_agent')!;
    const { sid } = desk.vigil.seen[0]!;
    const answer = await browser.post('/logout');
    expect(answer.location).to.equal('/login?reason=logout');
    expect(desk.vigil.ended.get(sid)).to.equal('logout');
    expect(browser.cookies.has('desk_agent')).to.equal(false);
    browser.cookies.set('desk_agent', cookie);
    expect((await browser.get('/desk/tickets')).status).to.equal(303);
    expect((await browser.get('/login?reason=logout')).text).to.include('You have signed out.');
  });

  const ENDS: [string, string][] = [
    ['timeout', 'You were signed out after 15 minutes without activity.'],
    ['admin', 'You were signed out by an administrator.'],
    ['logout', 'You have signed out.'],
    ['lost', 'Your session was lost on the server. Please sign in again.'],
    ['moon_phase', 'Your session has ended. Please sign in again.'],
  ];
  for (const [reason, text] of ENDS) {
    it(`shows the login form with its reason where Vigil ended the session (${reason})`, async () => {
      const browser = desk.browser();
      await browser.login('priya');
      desk.vigil.endAll(reason);
      // As the SDK leaves the page: the desk's own cookie is still there.
      const form = await browser.get(`/login?reason=${reason}&return=%2Fdesk%2Ftickets%2F1002`);
      expect(form.status).to.equal(200);
      expect(form.text).to.include(text);
      expect(form.text).to.include('value="/desk/tickets/1002"');
      expect(browser.cookies.has('desk_agent')).to.equal(false);
    });
  }

  it('turns any request of an ended session away with the reason, and does nothing of what it asked', async () => {
    const browser = desk.browser();
    await browser.login('priya');
    desk.vigil.endAll('timeout');
    const cookie = browser.cookies.get('desk_agent')!;
    const posted = await browser.post('/desk/tickets/1002/reply', { text: 'Too late' });
    expect(posted.location).to.equal('/login?reason=timeout&return=%2Fdesk%2Ftickets%2F1002');
    browser.cookies.set('desk_agent', cookie);
    expect((await browser.call('POST', '/desk/token')).status, 'its session is dropped here, too').to.equal(
      401,
    );
    await browser.login('jonas');
    expect((await browser.get('/desk/tickets/1002')).text).not.to.include('Too late');
  });

  it('opens nothing, and drops nothing, while Vigil can’t be asked', async () => {
    const browser = desk.browser();
    await browser.login('priya');
    desk.vigil.away = true;
    for (const path of ['/desk/tickets', '/desk/tickets/1002', '/login']) {
      const answer = await browser.get(path);
      expect(answer.status, path).to.equal(503);
      expect(answer.text).to.include('does not answer');
    }
    expect((await browser.call('POST', '/desk/token')).status).to.equal(503);
    expect((await desk.browser().login('jonas')).status).to.equal(503);
    desk.vigil.away = false;
    expect((await browser.get('/desk/tickets')).status).to.equal(200);
  });

  it('keeps an agent’s and a customer’s login in one browser apart', async () => {
    const browser = desk.browser();
    await browser.login('tomas');
    expect((await browser.get('/desk/tickets')).location).to.equal('/login?return=%2Fdesk%2Ftickets');
    await browser.login('priya');
    expect((await browser.get('/help')).status).to.equal(200);
    await browser.post('/logout');
    expect((await browser.get('/help')).status).to.equal(200);
    expect(
      desk.vigil.seen.every((claims) => claims.sub === 'priya'),
      'a customer is no agent',
    ).to.equal(true);
  });
});
