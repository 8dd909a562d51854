import { expect } from 'chai';
import { createTokens } from '../../client/sdk/link/tokens.ts';
import { looseToken } from '../support/fake-vigil.ts';
import { createPageClock, START } from './page-clock.ts';

const at = (ms: number) => Math.floor(ms / 1000);
const tokenFor = (claims: Record<string, unknown> = {}) => looseToken({ exp: at(START) + 3_600, ...claims });

function setUp(...answers: unknown[]) {
  const clock = createPageClock();
  let calls = 0;
  const getToken = () => {
    const answer = answers[Math.min(calls, answers.length - 1)];
    calls += 1;
    if (answer instanceof Error) throw answer;
    return answer as string;
  };
  return { clock, tokens: createTokens(getToken, clock, () => clock.now()), calls: () => calls };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );
}

describe('Tokens in a page', () => {
  it('are kept while they are good, and asked for anew when they expire or are refused', async () => {
    const { clock, tokens, calls } = setUp(tokenFor());
    await tokens.get();
    await tokens.get();
    expect(calls()).to.equal(1);
    tokens.drop();
    await tokens.get();
    expect(calls()).to.equal(2);
    clock.advance(3_596_000);
    await tokens.get();
    expect(calls()).to.equal(3);
  });

  it('of another login are refused, and the first login stays the only one', async () => {
    const { tokens } = setUp(tokenFor(), tokenFor({ sid: 'login-2' }), tokenFor({ iat: 5 }));
    await tokens.get();
    tokens.drop();
    expect(await codeOf(tokens.get())).to.equal('login_changed');
    expect(await codeOf(tokens.get())).to.equal('ok');
  });

  it('may carry ids of any alphabet', async () => {
    const { tokens } = setUp(tokenFor({ sid: 'вход-☕-1' }), tokenFor({ sid: 'вход-☕-2' }));
    await tokens.get();
    tokens.drop();
    expect(await codeOf(tokens.get())).to.equal('login_changed');
  });

  it('are none where the host says that nobody is signed in', async () => {
    expect(await setUp(null).tokens.get()).to.equal(null);
  });

  it('are missing where the host fails, gives nothing, or takes too long', async () => {
    expect(await codeOf(setUp(new Error('down')).tokens.get())).to.equal('token_unavailable');
    expect(await codeOf(setUp('').tokens.get())).to.equal('token_unavailable');
    expect(await codeOf(setUp(undefined).tokens.get())).to.equal('token_unavailable');
    const { clock, tokens } = setUp(new Promise(() => {}));
    const answer = codeOf(tokens.get());
    clock.advance(15_000);
    expect(await answer).to.equal('token_unavailable');
  });

  it('say in the error what the host failed at', async () => {
    const failing = setUp(new Error('POST /vigil-token answered 404')).tokens.get();
    const error = await failing.catch((reason: unknown) => reason);
    expect(error).to.have.property('message', 'Vigil: getToken failed: POST /vigil-token answered 404');
  });

  it('that cannot be read are left for the server to judge', async () => {
    for (const token of ['nonsense', 'a.b.c', 'a.bnVsbA.c', '..']) {
      expect(await setUp(token).tokens.get(), token).to.equal(token);
    }
  });
});
