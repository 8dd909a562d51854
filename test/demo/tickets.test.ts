import { expect } from 'chai';
import { nextTurn } from '../../demo/assignment.ts';
import { createTickets, LIMITS } from '../../demo/tickets.ts';
import { type Browser, type DeskUnderTest, startDesk } from './desk-under-test.ts';

describe('demo desk: tickets', () => {
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
  async function arrive(browser: Browser): Promise<string> {
    const { location } = await browser.post('/desk/simulate');
    return (await browser.get(location)).text;
  }

  it('gives arriving tickets by turn to the agents who are available, and to them only', async () => {
    const browser = await signedIn('mara');
    desk.vigil.available = ['jonas', 'priya', 'stranger'];
    const turns: string[] = [];
    for (let count = 0; count < 4; count += 1) turns.push(/went to (\w+)/.exec(await arrive(browser))![1]!);
    expect(turns).to.deep.equal(['Jonas', 'Priya', 'Jonas', 'Priya']);
    desk.vigil.available = ['priya'];
    expect(await arrive(browser)).to.include('went to Priya');
    expect(await arrive(browser)).to.include('went to Priya');
  });

  it('gives two tickets that arrive together different turns', async () => {
    const [first, second] = await Promise.all([signedIn('mara'), signedIn('mara')]);
    desk.vigil.available = ['jonas', 'priya'];
    const [one, other] = await Promise.all([arrive(first), arrive(second)]);
    expect(/went to (\w+)/.exec(one)![1]).not.to.equal(/went to (\w+)/.exec(other)![1]);
  });

  it('lets a ticket wait under Unassigned where nobody is available or Vigil can’t be asked', async () => {
    const customer = await signedIn('tomas');
    await customer.post('/help/tickets', { subject: 'Nobody is there', text: 'Hello?' });
    desk.vigil.away = true;
    await customer.post('/help/tickets', { subject: 'Vigil is away', text: 'Hello?' });
    desk.vigil.away = false;
    const agent = await signedIn('priya');
    const list = (await agent.get('/desk/tickets?view=unassigned')).text;
    expect(list).to.include('Nobody is there').and.include('Vigil is away');
  });

  it('keeps turns fair when agents come and go', () => {
    expect(nextTurn(['b', 'a', 'c'], null)).to.equal('a');
    expect(nextTurn(['a', 'c'], 'b')).to.equal('c');
    expect(nextTurn(['a', 'b'], 'c')).to.equal('a');
    expect(nextTurn(['a'], 'a')).to.equal('a');
    expect(nextTurn([], 'a')).to.equal(null);
  });

  it('keeps a draft for the agent who typed it, over a sign-out, and for nobody else at that machine', async () => {
    const browser = await signedIn('priya');
    expect(
      (await browser.call('PUT', '/desk/tickets/1002/draft', { text: '\nHalf <b>a</b> sentence' })).status,
    ).to.equal(204);
    desk.vigil.endAll('timeout');
    await browser.get('/desk/tickets/1002');

    await browser.login('jonas');
    expect((await browser.get('/desk/tickets/1002')).text).not.to.include('Half');
    expect((await browser.get('/desk/tickets?view=open')).text).not.to.include('>Draft<');
    await browser.post('/desk/tickets/1002/reply', { text: 'Jonas answers' });

    await browser.login('priya');
    // The first line break after the tag is the parser's; the second is hers.
    expect((await browser.get('/desk/tickets/1002')).text).to.include(
      '>\n\nHalf &lt;b&gt;a&lt;/b&gt; sentence</textarea>',
    );
    expect((await browser.get('/desk/tickets?view=open')).text).to.include('>Draft<');
  });

  it('drops a draft with the reply that it became, and one that was emptied', async () => {
    const browser = await signedIn('priya');
    await browser.call('PUT', '/desk/tickets/1002/draft', { text: 'Soon sent' });
    await browser.post('/desk/tickets/1002/reply', { text: 'Now sent', state: 'resolved' });
    await browser.call('PUT', '/desk/tickets/1003/draft', { text: 'Never' });
    await browser.call('PUT', '/desk/tickets/1003/draft', { text: '' });
    const page = (await browser.get('/desk/tickets/1002')).text;
    expect(page).to.include('Now sent').and.not.to.include('Soon sent');
    expect(page).to.include('set the state to resolved');
    expect((await browser.get('/desk/tickets/1003')).text).not.to.include('Never');
  });

  it('sets state, priority and whose ticket it is, and says what was changed', async () => {
    const browser = await signedIn('priya');
    await browser.post('/desk/tickets/1004/update', {
      state: 'waiting',
      priority: 'urgent',
      assignee: 'priya',
    });
    const page = (await browser.get('/desk/tickets/1004')).text;
    expect(page).to.include(
      'set the state to waiting for customer and set the priority to urgent and took this ticket',
    );
    expect(page).to.include('<option value="priya" selected>Priya Raman (you)</option>');
    expect((await browser.get('/desk/tickets?view=mine')).text).to.include('Dealer portal');
    await browser.post('/desk/tickets/1004/update', { assignee: '' });
    expect((await browser.get('/desk/tickets?view=unassigned')).text).to.include('Dealer portal');
  });

  it('shows customers their own tickets and no others', async () => {
    const customer = await signedIn('tomas');
    const home = (await customer.get('/help')).text;
    expect(home).to.include('Display stays black').and.not.to.include('Hairline crack');
    expect((await customer.get('/help/tickets/1001')).status).to.equal(404);
    expect((await customer.post('/help/tickets/1001/reply', { text: 'x' })).status).to.equal(404);
    expect((await customer.get('/help/tickets/1002')).text).not.to.include('Auto-assignment');
  });

  it('opens a resolved ticket again when its customer answers', async () => {
    const customer = await signedIn('tomas');
    await customer.post('/help/tickets/1009/reply', { text: 'One more question' });
    const agent = await signedIn('priya');
    expect((await agent.get('/desk/tickets?view=mine')).text).to.include('second owner');
  });

  it('keeps what a customer typed where a ticket can’t be opened', async () => {
    const customer = await signedIn('tomas');
    const answer = await customer.post('/help/tickets', { subject: ' ', text: 'A long story' });
    expect(answer.status).to.equal(422);
    expect(answer.text).to.include('A long story</textarea>');
  });

  it('tells an agent at the next login since when they are unavailable, unless they chose to be', async () => {
    const at = Date.UTC(2025, 2, 4, 12, 31);
    desk.vigil.unavailable.set('priya', { at, cause: 'timeout' });
    desk.vigil.unavailable.set('jonas', { at, cause: 'agent' });
    const page = (await (await signedIn('priya')).get('/desk/tickets')).text;
    expect(page).to.match(
      /You became unavailable at <time datetime="2025-03-04T12:31:00.000Z" data-clock>12:31 UTC<\/time>/,
    );
    expect(page).to.include('when your session timed out').and.include('Make me available');
    expect(page).to.match(/aria-checked="false" id="availability"/);
    expect((await (await signedIn('jonas')).get('/desk/tickets')).text).not.to.include('became unavailable');
    expect((await (await signedIn('mara')).get('/desk/tickets')).text).not.to.include('id="availability"');
  });

  it('tells open pages that the tickets have changed', async () => {
    const browser = await signedIn('priya');
    const before = JSON.parse((await browser.call('GET', '/desk/pulse')).text).version;
    await (await signedIn('mara')).post('/desk/simulate');
    expect(JSON.parse((await browser.call('GET', '/desk/pulse')).text).version).to.be.greaterThan(before);
  });
});

describe('demo desk: bounds', () => {
  const open = () => createTickets({ dir: null, warn: () => {} }, { now: () => 1 }, () => []);
  const request = {
    subject: 's',
    text: 't',
    priority: 'normal',
    requester: { name: 'n', email: 'e', person: 'p' },
  } as const;

  it('keeps at most so many tickets, resolved ones going first', () => {
    const tickets = open();
    const first = tickets.open(request);
    const resolved = tickets.open(request);
    tickets.update(resolved, { state: 'resolved' }, null);
    for (let count = 2; count <= LIMITS.tickets; count += 1) tickets.open(request);
    expect(tickets.count('open', 'x') + tickets.count('resolved', 'x')).to.equal(LIMITS.tickets);
    expect(tickets.get(resolved.number)).to.equal(undefined);
    expect(tickets.get(first.number)).to.equal(first);
    expect(tickets.open(request).number, 'numbers are not used again').to.equal(1_001 + LIMITS.tickets + 1);
  });

  it('keeps a conversation at most so long, and what people wrote in it', () => {
    const tickets = open();
    const ticket = tickets.open(request);
    for (let count = 0; count < 2 * LIMITS.messages; count += 1)
      tickets.update(ticket, {}, { author: 'a', text: 'changed something' });
    const entry = { from: 'agent', author: 'a', text: 'hello' } as const;
    let taken = 0;
    while (tickets.reply(ticket, entry)) taken += 1;
    expect(taken).to.equal(LIMITS.messages - 1);
    expect(ticket.messages).to.have.length(LIMITS.messages);
    expect(ticket.messages.every((message) => message.from !== 'event')).to.equal(true);
  });
});
