import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type DeskUnderTest, startDesk } from './desk-under-test.ts';

const DAY = 86_400_000;

describe('demo desk: remember me', () => {
  let desk: DeskUnderTest;
  beforeEach(async () => {
    desk = await startDesk();
  });
  afterEach(() => desk.close());

  for (const [person, cookie] of [
    ['priya', 'desk_agent'],
    ['tomas', 'desk_requester'],
  ] as const) {
    it(`gives ${cookie} a lifetime where it was asked for, and none otherwise`, async () => {
      const forgetful = desk.browser();
      await forgetful.login(person);
      expect(forgetful.cookies.get(cookie)).not.to.match(/max-age|expires/i);
      const remembering = desk.browser();
      await remembering.login(person, { remember: 'yes' });
      expect(remembering.cookies.get(cookie)).to.match(/max-age=2592000/i);
      for (const browser of [forgetful, remembering]) {
        expect(browser.cookies.get(cookie))
          .to.match(/HttpOnly/i)
          .and.match(/SameSite=Lax/i)
          .and.match(/Path=\//i);
      }

      const home = person === 'priya' ? '/desk/tickets' : '/help';
      for (const browser of [forgetful, remembering]) browser.restart();
      expect((await forgetful.get(home)).status).to.equal(303);
      expect((await remembering.get(home)).status).to.equal(200);
    });
  }

  it('is offered only to whom the policy shows it, and not to be had by asking all the same', async () => {
    desk.vigil.rememberMe = { agent: false, requester: true };
    const browser = desk.browser();
    expect((await browser.get('/login')).text).not.to.include('name="remember"');
    expect((await browser.get('/help/login')).text).to.include('name="remember"');
    await browser.login('priya', { remember: 'yes' });
    expect(browser.cookies.get('desk_agent')).not.to.match(/max-age/i);
  });

  it('ends with the session: a remembered agent who timed out meets the login form', async () => {
    const browser = desk.browser();
    await browser.login('priya', { remember: 'yes' });
    browser.restart();
    desk.vigil.endAll('timeout');
    const refused = await browser.get('/desk/tickets');
    expect(refused.location).to.match(/^\/login\?reason=timeout/);
    expect(browser.cookies.size).to.equal(0);
    expect((await browser.get(refused.location)).status).to.equal(200);
  });

  it('ends by Vigil’s webhook, too, before anybody comes back, and says why to who does', async () => {
    const browser = desk.browser();
    await browser.login('priya', { remember: 'yes' });
    const other = desk.browser();
    await other.login('jonas', { remember: 'yes' });
    const [{ sid }] = desk.vigil.seen as [{ sid: string }];
    expect((await desk.hook(endOf(sid))).status).to.equal(204);
    expect((await desk.hook(endOf(sid))).status, 'a second copy').to.equal(204);
    expect((await desk.hook(endOf(sid), 'another secret, long enough too')).status).to.equal(400);
    // Not even Vigil’s word brings it back.
    expect(desk.vigil.ended.size).to.equal(0);
    const refused = await browser.get('/desk/tickets');
    expect(refused.location).to.match(/^\/login\?reason=timeout/);
    expect(browser.cookies.size).to.equal(0);
    expect((await other.get('/desk/tickets')).status).to.equal(200);
  });

  it('is taken back from who has it when the policy stops showing it', async () => {
    const browser = desk.browser();
    await browser.login('priya', { remember: 'yes' });
    desk.vigil.rememberMe.agent = false;
    await browser.get('/desk/tickets');
    expect(browser.cookies.get('desk_agent')).not.to.match(/max-age/i);
    expect((await browser.get('/desk/tickets')).status, 'still signed in').to.equal(200);
  });

  it('goes on while it is used', async () => {
    const browser = desk.browser();
    await browser.login('tomas', { remember: 'yes' });
    desk.clock.at += 20 * DAY;
    const answer = await browser.get('/help');
    expect(answer.headers.get('set-cookie')).to.match(/^desk_requester=.*max-age=2592000/i);
    desk.clock.at += 20 * DAY;
    expect((await browser.get('/help')).status).to.equal(200);
    desk.clock.at += 31 * DAY;
    expect((await browser.get('/help')).status).to.equal(303);
  });

  it('marks cookies as secure, by name too, behind TLS', async () => {
    const secure = await startDesk({ secureCookies: true });
    const browser = secure.browser();
    await browser.login('priya');
    expect([...browser.cookies.keys()]).to.deep.equal(['__Host-desk_agent']);
    expect(browser.cookies.get('__Host-desk_agent')).to.match(/; Secure/i);
    await secure.close();
  });
});

function endOf(sid: string) {
  const data = {
    agent: 'priya',
    sessions: [sid],
    reason: 'timeout',
    inactivity: 'not_open',
    lastActivityAt: 1,
  };
  return { id: '1700000000000-000001', type: 'session.ended', account: 'tidewater', at: 2, data };
}

describe('demo desk: a restart', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'desk-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('keeps people signed in, their tickets and their drafts, without the cookie’s id on the disk', async () => {
    const before = await startDesk({ dataDir: dir });
    const browser = before.browser();
    await browser.login('priya');
    await browser.call('PUT', '/desk/tickets/1002/draft', { text: 'Half a sentence' });
    await browser.post('/desk/tickets/1003/reply', { text: 'We send the right one' });
    const cookie = browser.cookies.get('desk_agent')!;
    const { sid } = before.vigil.seen[0]!;
    await before.close();

    const files = await readdir(dir);
    expect(files).to.have.members(['desk-drafts.json', 'desk-sessions.json', 'desk-tickets.json']);
    for (const file of files) {
      expect(await readFile(join(dir, file), 'utf8')).not.to.include(cookie.slice(11, 54));
    }

    const after = await startDesk({ dataDir: dir });
    const again = after.browser();
    again.cookies.set('desk_agent', cookie);
    expect((await again.get('/desk/tickets/1002')).text).to.include('Half a sentence');
    expect((await again.get('/desk/tickets/1003')).text).to.include('We send the right one');
    expect(after.vigil.seen[0]!.sid).to.equal(sid);
    await after.close();
  });

  it('starts without a file that does not parse, and keeps it aside', async () => {
    await writeFile(join(dir, 'desk-drafts.json'), '{"drafts":');
    const warnings: string[] = [];
    const desk = await startDesk({ dataDir: dir, warn: (message) => warnings.push(message) });
    expect((await desk.browser().login('priya')).status).to.equal(303);
    expect(await readdir(dir)).to.include('desk-drafts.json.unreadable');
    expect(warnings).to.have.length(1);
    await desk.close();
  });
});
