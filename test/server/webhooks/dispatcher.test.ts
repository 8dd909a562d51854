import { expect } from 'chai';
import type { PostResult } from '../../../server/webhooks/post.ts';
import { cleanupAfterEach } from '../../support/cleanup.ts';
import { AWAY, GONE, REFUSED, Sending, TAKEN } from './sending.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('sending webhooks', () => {
  const cleanup = cleanupAfterEach();
  const open = async () => cleanup.using(await Sending.open());

  it('happens at once, each event once and in its order', async () => {
    const sending = await open();
    const login = await sending.login('ann');
    await sending.logout(login);
    await sending.pass(20);
    expect(sending.of('ann')).to.deep.equal(['session.started', 'session.ended']);
    await sending.pass(HOUR, MINUTE);
    expect(sending.attempts).to.have.length(2);
    expect(sending.counted).to.include({ delivered: 2, failed: 0, dead: 0 });
  });

  it('finds what other nodes wrote within a second', async () => {
    const sending = await open();
    await sending.login('ann');
    sending.harness.emissions.length = 0;
    await sending.pass(1_050, 50);
    expect(sending.of('ann')).to.deep.equal(['session.started']);
  });

  it('is tried again within 5 s, then at pauses that double up to half an hour', async () => {
    const sending = await open();
    sending.answer = () => REFUSED;
    await sending.login('ann');
    await sending.pass(5 * HOUR, SECOND);
    const at = sending.attempts.map((attempt) => attempt.at);
    const pauses = at.slice(1).map((moment, n) => (moment - at[n]!) / SECOND);
    expect(pauses[0]).to.be.within(3, 5.1);
    for (let n = 1; n < 8; n += 1) expect(pauses[n]! / pauses[n - 1]!).to.be.within(1.6, 2.4);
    expect(Math.max(...pauses)).to.be.at.most(1_801);
    expect(at.length).to.be.within(15, 25);
    sending.answer = () => TAKEN;
    await sending.pass(30 * MINUTE, SECOND);
    expect(sending.of('ann')).to.deep.equal(['session.started']);
  }).timeout(20_000);

  it('keeps the order of each agent, whatever fails in between, and sends nothing twice that was taken', async () => {
    const sending = await open();
    let fails = 3;
    sending.answer = ({ data }) => {
      if ('agent' in data && data.agent === 'ann' && fails > 0) {
        fails -= 1;
        return REFUSED;
      }
      return TAKEN;
    };
    for (const agent of ['ann', 'bob', 'cem']) {
      for (const round of [1, 2]) {
        await sending.logout(await sending.login(agent, 'acme', `${agent} ${round}`));
      }
    }
    await sending.pass(2 * MINUTE, SECOND);
    const both = ['session.started', 'session.ended'];
    for (const agent of ['ann', 'bob', 'cem']) expect(sending.of(agent)).to.deep.equal([...both, ...both]);
    expect(new Set(sending.taken.map(({ id }) => id)).size).to.equal(12);
    expect(sending.taken).to.have.length(12);
  });

  it('goes on with other agents at the next attempt where an event of one is refused again and again', async () => {
    const sending = await open();
    sending.answer = ({ data }) => ('agent' in data && data.agent === 'ann' ? REFUSED : TAKEN);
    await sending.login('ann');
    await sending.pass(20);
    for (let n = 0; n < 30; n += 1) await sending.login(`agent ${n}`);
    await sending.login('ann', 'acme', 'another');
    await sending.pass(10 * SECOND, SECOND);
    expect(sending.taken).to.have.length(30);
    sending.answer = () => TAKEN;
    await sending.pass(MINUTE, SECOND);
    expect(sending.of('ann')).to.deep.equal(['session.started', 'session.started']);
    expect(sending.taken).to.have.length(32);
  });

  it('holds up nobody else where one hangs', async () => {
    const sending = await open();
    let release: (result: PostResult) => void = () => {};
    sending.answer = ({ account }) =>
      account === 'slow' ? new Promise((resolve) => (release = resolve)) : TAKEN;
    await sending.login('ann', 'slow');
    await sending.pass(20);
    await sending.login('bob', 'quick');
    await sending.pass(20);
    expect(sending.of('bob')).to.deep.equal(['session.started']);
    await sending.engine.signOut({ account: 'slow', agent: 'ann', by: 'boss' });
    expect((await sending.engine.agent('slow', 'ann'))!.sessions).to.equal(0);
    sending.answer = () => TAKEN;
    release(TAKEN);
    await sending.pass(2 * SECOND);
    expect(sending.of('ann')).to.deep.equal(['session.started', 'session.ended']);
  });

  it('stops for good after a 410, and says so; what is owed stays owed', async () => {
    const sending = await open();
    sending.answer = () => GONE;
    await sending.login('ann');
    await sending.pass(20);
    expect(sending.counted.stopped).to.equal(1);
    expect(sending.said.join()).to.include('wants nothing any more');
    sending.answer = () => TAKEN;
    await sending.login('bob');
    await sending.pass(25 * HOUR, MINUTE);
    expect(sending.attempts).to.have.length(1);
    expect((await sending.engine.deliveries.backlog()).accounts).to.equal(1);
    expect(await sending.engine.deliveries.deadLetters('acme')).to.deep.equal([]);
  });

  it('gives an event up after 24 h of trying, goes on with the next, and sends it again on demand', async () => {
    const sending = await open();
    const refused = await sending.login('ann');
    sending.answer = ({ data }) => ('session' in data && data.session === refused.sid ? REFUSED : TAKEN);
    await sending.pass(23.9 * HOUR, 10 * SECOND);
    expect(await sending.engine.deliveries.deadLetters('acme')).to.deep.equal([]);
    await sending.login('bob');
    await sending.pass(40 * MINUTE, 10 * SECOND);
    const [letter, ...more] = await sending.engine.deliveries.deadLetters('acme');
    expect(letter).to.deep.include({ error: 'answered 500', resending: false });
    expect(letter!.event.data).to.deep.include({ agent: 'ann' });
    expect(more).to.deep.equal([]);
    expect(sending.of('bob')).to.deep.equal(['session.started']);
    expect(sending.counted.dead).to.equal(1);

    expect(await sending.engine.deliveries.resend('acme')).to.equal(1);
    await sending.pass(2 * SECOND);
    expect(await sending.engine.deliveries.deadLetters('acme'), 'not taken').to.have.length(1);
    sending.answer = () => TAKEN;
    await sending.engine.deliveries.resend('acme');
    await sending.pass(2 * SECOND);
    expect(await sending.engine.deliveries.deadLetters('acme')).to.deep.equal([]);
    expect(sending.taken.filter(({ id }) => id === letter!.event.id)).to.have.length(1);
  }).timeout(30_000);

  it('notices within a minute that a receiver is back that was out of reach for hours', async () => {
    const sending = await open();
    sending.answer = () => AWAY;
    for (let n = 0; n < 30; n += 1) await sending.login('ann', `account ${n}`);
    await sending.pass(3 * HOUR, SECOND);
    expect(sending.counted.lag).to.be.within(3 * 3_600 - 11, 3 * 3_600 + 1);
    sending.answer = () => TAKEN;
    await sending.pass(MINUTE, SECOND);
    expect(sending.of('ann')).to.have.length(30);
    await sending.pass(20 * SECOND, SECOND);
    expect(sending.counted.lag).to.equal(0);
  }).timeout(30_000);

  it('leaves what is under way two seconds when it stops, and takes being cut off for no failure', async () => {
    const sending = await open();
    sending.answer = (_event, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(AWAY)));
    await sending.login('ann');
    await sending.pass(20);
    const stopped = sending.webhooks.stop();
    await sending.pass(3_000, 500);
    await stopped;
    const [claim] = await sending.engine.deliveries.claim({ limit: 1, leaseMs: 1 });
    expect(claim).to.include({ account: 'acme', failing: null });
  });
});
