import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { retryAfterMs } from '../../../server/webhooks/backoff.ts';
import { createSigner, MAX_BODY_BYTES } from '../../../server/webhooks/message.ts';
import type { VigilEvent } from '../../../shared/events.ts';
import { WEBHOOK_SECRET } from '../../support/webhook-receiver.ts';

const LONGEST_ID = '\u{1F512}'.repeat(128);

function endOf(sessions: string[]): VigilEvent<'session.ended'> {
  const data = {
    agent: LONGEST_ID,
    sessions,
    reason: 'admin',
    inactivity: null,
    lastActivityAt: 1,
    by: LONGEST_ID,
  };
  return {
    id: '1700000000000-000000-00c0ffee',
    type: 'session.ended',
    account: LONGEST_ID,
    at: 1,
    data,
  } as VigilEvent<'session.ended'>;
}

describe('a webhook message', () => {
  const sign = createSigner(WEBHOOK_SECRET);

  it('is what the reference library verifies, by the id of the event', () => {
    const event = endOf(['a', 'b']);
    const { body, headers } = sign(event, Date.now());
    expect(new Webhook(WEBHOOK_SECRET).verify(body, headers)).to.deep.equal(event);
    expect(headers['webhook-id']).to.equal(event.id);
    expect(() => new Webhook(WEBHOOK_SECRET).verify(`${body} `, headers)).to.throw();
  });

  it('fits, also where fifty logins with the longest ids end, and says how many it leaves out', () => {
    const sids = Array.from({ length: 50 }, (_, n) => String(n).padStart(2, '0') + LONGEST_ID.slice(4));
    const { body } = sign(endOf(sids), Date.now());
    expect(Buffer.byteLength(body)).to.be.at.most(MAX_BODY_BYTES);
    const { data } = JSON.parse(body) as VigilEvent<'session.ended'>;
    expect(data.sessions).to.deep.equal(sids.slice(0, data.sessions.length));
    expect(data.sessions.length).to.be.greaterThan(25);
    expect(data.sessionsOmitted).to.equal(50 - data.sessions.length);
  });

  it('is whole wherever it fits', () => {
    const event = endOf(Array.from({ length: 50 }, (_, n) => `login-${n}`));
    expect(JSON.parse(sign(event, Date.now()).body)).to.deep.equal(event);
  });
});

describe('the pause before a webhook is tried again', () => {
  it('leaves a second for being found in the first 5 s, then doubles with jitter, and is never longer than 30 minutes', () => {
    for (const random of [0, 0.5, 0.999]) {
      const pauses = Array.from({ length: 40 }, (_, n) => retryAfterMs(n + 1, random));
      expect(pauses[0]).to.be.within(2_250, 4_000);
      for (let n = 1; n < 8; n += 1) expect(pauses[n]! / pauses[n - 1]!).to.be.closeTo(2, 0.01);
      for (const pause of pauses) expect(pause).to.be.within(2_250, 1_800_000);
    }
    expect(retryAfterMs(3, 0)).to.be.lessThan(retryAfterMs(3, 0.9));
  });
});
