import { expect } from 'chai';
import { createHandover } from '../../../client/dashboard/core/handover.ts';
import { createTokenSource } from '../../../client/dashboard/core/token-source.ts';
import { createTestClock } from '../../support/clock.ts';
import { signToken } from '../../support/tokens.ts';

const OWN = 'https://vigil.example';
const DESK = 'https://desk.example';

/** A page in a frame, and the host's window around it. */
function stage(parent?: object) {
  const clock = createTestClock(Date.now());
  const posted: { type: string; origin: string }[] = [];
  const host = { postMessage: ({ type }: { type: string }, origin: string) => posted.push({ type, origin }) };
  const listeners: ((event: object) => void)[] = [];
  const window = {
    parent: parent ?? host,
    opener: null,
    location: {},
    addEventListener: (_type: string, listener: (event: object) => void) => listeners.push(listener),
  };
  const answers: object[] = [];
  const handover = createHandover({
    window: window as unknown as Window,
    clock,
    origins: [OWN, DESK],
    onAnswer: (answer) => answers.push(answer),
  });
  const say = (data: unknown, origin = DESK, source: object = host) => {
    for (const listener of listeners) listener({ data, origin, source });
  };
  return { clock, posted, handover: handover!, say, answers, window };
}

describe('handing a token over', () => {
  it('says that it is ready to the origins that may answer, and to nobody else', () => {
    const { handover, posted } = stage();
    void handover.ask();
    expect(posted).to.deep.equal([
      { type: 'vigil:ready', origin: OWN },
      { type: 'vigil:ready', origin: DESK },
    ]);
  });

  it('says so again until somebody answers: the host may be there later', () => {
    const { handover, posted, clock, say } = stage();
    void handover.ask();
    clock.advance(2_000);
    expect(posted).to.have.lengthOf(6);
    say({ type: 'vigil:token', token: 't' });
    clock.advance(5_000);
    expect(posted).to.have.lengthOf(6);
  });

  it('believes only the window that opened it, and only from an allowed origin', async () => {
    const { handover, say, answers } = stage();
    const asked = handover.ask();
    say({ type: 'vigil:token', token: 'forged' }, 'https://evil.example');
    say({ type: 'vigil:token', token: 'forged' }, DESK, {});
    for (const data of [null, 'vigil:token', {}, { type: 'vigil:token' }, { type: 'vigil:token', token: 7 }])
      say(data);
    say({ type: 'vigil:token', token: '' });
    expect(answers).to.be.empty;
    say({ type: 'vigil:token', token: 'good' });
    expect(await asked).to.equal('good');
  });

  it('asks later the origin that answered, alone', async () => {
    const { handover, say, posted } = stage();
    const first = handover.ask();
    say({ type: 'vigil:token', token: 't' });
    await first;
    posted.length = 0;
    void handover.ask();
    expect(posted).to.deep.equal([{ type: 'vigil:token-please', origin: DESK }]);
  });

  it('has nobody to ask where nobody opened the page', () => {
    const clock = createTestClock(0);
    const window = { opener: null, addEventListener: () => {} } as unknown as Window & { parent: Window };
    window.parent = window;
    expect(createHandover({ window, clock, origins: [OWN], onAnswer: () => {} })).to.equal(null);
  });
});

describe('the token of the page', () => {
  const now = Date.now();
  const token = (seconds: number) =>
    signToken({
      sid: 'one login',
      name: 'Zoë',
      permissions: ['manage_security'],
      exp: Math.floor(now / 1_000) + seconds,
    });

  it('is asked for once by all who need it together, and kept until it expires', async () => {
    let asked = 0;
    let at = now;
    const source = createTokenSource({ ask: async () => token(600 + 600 * asked++) }, () => at);
    const [a, b] = await Promise.all([source.get(), source.get()]);
    expect(a).to.equal(b);
    await source.get();
    expect(asked).to.equal(1);
    at += 599_000;
    await source.get();
    expect(asked).to.equal(2);
  });

  it('says who sits here, with what they may do', async () => {
    const source = createTokenSource({ ask: async () => token(600) }, () => now);
    await source.get();
    expect(source.claims.value).to.include({
      agent: 'ada',
      account: 'acme',
      name: 'Zoë',
      manages: true,
      sees: true,
    });
  });

  it('that the server refused is not offered again', async () => {
    const tokens = [token(600), token(700)];
    const source = createTokenSource({ ask: async () => tokens.shift() ?? null }, () => now);
    const refused = await source.get();
    const [next, same] = await Promise.all([source.renew(refused), source.renew(refused)]);
    expect(next).to.not.equal(refused);
    expect(same).to.equal(next);
    expect(await source.renew(refused)).to.equal(next);
  });

  it('of another login is not taken: this page is of the one that it began with', async () => {
    const tokens = [
      signToken({ sid: 'first', exp: Math.floor(now / 1_000) + 60 }),
      signToken({ sid: 'second', sub: 'ben' }),
    ];
    const source = createTokenSource({ ask: async () => tokens.shift() ?? null }, () => now);
    const first = await source.get();
    expect(await source.renew(first)).to.equal(null);
    expect(source.claims.value?.agent).to.equal('ada');
  });

  it('is null where nobody is signed in any more', async () => {
    const source = createTokenSource({ ask: async () => null }, () => now);
    expect(await source.get()).to.equal(null);
  });
});
