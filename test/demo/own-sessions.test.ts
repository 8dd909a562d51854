import { expect } from 'chai';
import { type Browser, type DeskUnderTest, startDesk } from './desk-under-test.ts';

describe('demo desk: where an agent is signed in', () => {
  let desk: DeskUnderTest;
  beforeEach(async () => {
    desk = await startDesk();
  });
  afterEach(() => desk.close());

  async function signedIn(person: string): Promise<Browser> {
    const browser = desk.browser();
    await browser.login(person);
    return browser;
  }

  const logins = (page: string) => page.match(/Signed in/g)?.length ?? 0;
  const sids = (page: string) => [...page.matchAll(/name="which" value="([^"]+)"/g)].map(([, sid]) => sid!);

  it('shows the own logins that are alive, and nobody else’s', async () => {
    const here = await signedIn('priya');
    await signedIn('priya');
    await signedIn('jonas');
    expect(logins((await here.get('/desk/sessions')).text)).to.equal(2);
    desk.vigil.ended.set(sids((await here.get('/desk/sessions')).text)[0]!, 'timeout');
    const { text } = await here.get('/desk/sessions');
    expect(logins(text)).to.equal(1);
    expect(text).to.include('this one').and.not.include('Sign out everywhere else');
  });

  it('ends one of them, and leaves this one and the others', async () => {
    const here = await signedIn('priya');
    const phone = await signedIn('priya');
    const laptop = await signedIn('priya');
    const [newest] = sids((await here.get('/desk/sessions')).text);
    expect((await here.post('/desk/sessions/end', { which: newest! })).location).to.equal('/desk/sessions');
    expect((await laptop.get('/desk/tickets')).status).to.equal(303);
    expect((await phone.get('/desk/tickets')).status).to.equal(200);
    expect((await here.get('/desk/tickets')).status).to.equal(200);
  });

  it('ends all others at once', async () => {
    const here = await signedIn('priya');
    const others = [await signedIn('priya'), await signedIn('priya')];
    await here.get('/desk/sessions');
    await here.post('/desk/sessions/end', { which: 'others' });
    for (const other of others) expect((await other.get('/desk/tickets')).status).to.equal(303);
    expect(logins((await here.get('/desk/sessions')).text)).to.equal(1);
  });

  it('ends nobody else’s, whatever is asked', async () => {
    const jonas = await signedIn('jonas');
    await signedIn('jonas');
    const [foreign] = sids((await jonas.get('/desk/sessions')).text);
    const priya = await signedIn('priya');
    await priya.get('/desk/sessions');
    await priya.post('/desk/sessions/end', { which: foreign! });
    await priya.post('/desk/sessions/end', { which: 'others' });
    expect(logins((await jonas.get('/desk/sessions')).text)).to.equal(2);
  });

  it('takes no request that another page makes', async () => {
    const here = await signedIn('priya');
    const other = await signedIn('priya');
    const answer = await here.post('/desk/sessions/end', { which: 'others', form: 'guessed' });
    expect(answer.status).to.equal(409);
    expect((await other.get('/desk/tickets')).status).to.equal(200);
  });
});
