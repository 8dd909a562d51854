import { expect } from 'chai';
import { createRenewal } from '../../client/sdk/link/renewal.ts';
import { createTokens } from '../../client/sdk/link/tokens.ts';
import { looseToken } from '../support/fake-vigil.ts';
import { createPageClock } from './page-clock.ts';

const MINUTE = 60_000;

/** A connection whose tokens live for so long, and a server that takes what it is shown, or not. */
async function connected({
  lifeMs,
  takes = true,
  fails = false,
}: {
  lifeMs: number;
  takes?: boolean;
  fails?: boolean;
}) {
  const clock = createPageClock();
  let asked = 0;
  const getToken = () => {
    asked += 1;
    if (fails && asked > 1) throw new Error('the host is away');
    return looseToken({ exp: (clock.now() + lifeMs) / 1000, jti: asked });
  };
  const shown: string[] = [];
  const tokens = createTokens(getToken, clock, clock.now);
  const show = async (token: string) => {
    shown.push(token);
    if (!takes) throw new Error('bad_payload');
  };
  const renewal = createRenewal(clock, tokens, clock.now, show);
  const first = await tokens.get();
  renewal.start();
  /** Time goes by, a second after the other, and whatever was begun has its turn. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      clock.advance(1_000);
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    }
  };
  return { clock, renewal, tokens, shown, first, pass, asked: () => asked };
}

describe('A token that is renewed in place', () => {
  it('is fetched and shown a minute before the old one expires, again and again', async () => {
    const { shown, pass, first } = await connected({ lifeMs: 60 * MINUTE });
    await pass(59 * MINUTE - 1_000);
    expect(shown).to.deep.equal([]);
    await pass(2_000);
    expect(shown).to.have.length(1);
    expect(shown[0]).to.not.equal(first);
    await pass(59 * MINUTE);
    expect(shown).to.have.length(2);
  });

  it('is fetched when half of a short life has passed', async () => {
    const { shown, pass } = await connected({ lifeMs: MINUTE });
    await pass(29_000);
    expect(shown).to.deep.equal([]);
    await pass(2_000);
    expect(shown).to.have.length(1);
  });

  it('is shown once to a server that is too old for it, and kept for the next connection', async () => {
    const { shown, pass, tokens } = await connected({ lifeMs: 10 * MINUTE, takes: false });
    await pass(11 * MINUTE);
    expect(shown).to.deep.equal([await tokens.get()]);
  });

  it('is asked for a few times where the host is away, and then left to expire', async () => {
    const { shown, pass, asked } = await connected({ lifeMs: 10 * MINUTE, fails: true });
    await pass(20 * MINUTE);
    expect(shown).to.deep.equal([]);
    expect(asked()).to.be.within(3, 8);
  });

  it('belongs to one connection: none is shown after its end', async () => {
    const { shown, pass, renewal, clock, asked } = await connected({ lifeMs: 10 * MINUTE });
    await pass(5 * MINUTE);
    renewal.stop();
    expect(clock.pending).to.equal(0);
    await pass(10 * MINUTE);
    expect(shown).to.deep.equal([]);
    expect(asked()).to.equal(1);
  });

  it('is no matter where it does not say when it expires', async () => {
    const { shown, pass, clock } = await connected({ lifeMs: Number.NaN });
    expect(clock.pending).to.equal(0);
    await pass(MINUTE);
    expect(shown).to.deep.equal([]);
  });
});
