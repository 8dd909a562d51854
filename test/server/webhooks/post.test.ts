import { expect } from 'chai';
import { systemClock } from '../../../server/clock.ts';
import { createSigner } from '../../../server/webhooks/message.ts';
import { createPost, POST_LIMIT_MS } from '../../../server/webhooks/post.ts';
import type { VigilEvent } from '../../../shared/events.ts';
import { cleanupAfterEach } from '../../support/cleanup.ts';
import { createTestClock } from '../../support/clock.ts';
import { until } from '../../support/waiting.ts';
import { startReceiver, WEBHOOK_SECRET } from '../../support/webhook-receiver.ts';

const EVENT: VigilEvent = {
  id: '1700000000000-000000-00c0ffee',
  type: 'agent.available',
  account: 'acme',
  at: 1,
  data: { agent: 'ann', cause: 'agent' },
};

describe('posting a webhook', () => {
  const cleanup = cleanupAfterEach();
  const message = () => createSigner(WEBHOOK_SECRET)(EVENT, Date.now());
  const never = new AbortController().signal;

  async function open(clock = systemClock) {
    const receiver = cleanup.using(await startReceiver());
    return { receiver, post: createPost({ url: receiver.url, clock }) };
  }

  it('is done with any 2xx', async () => {
    const { receiver, post } = await open();
    for (const status of [200, 202, 204]) {
      receiver.reply = status;
      expect(await post(message(), never)).to.deep.equal({ taken: true });
    }
    expect(receiver.faults).to.deep.equal([]);
  });

  it('follows no redirect', async () => {
    const { receiver, post } = await open();
    const other = cleanup.using(await startReceiver());
    for (const status of [301, 302, 307, 308]) {
      receiver.reply = (_event, res) => void res.writeHead(status, { location: other.url }).end();
      const result = await post(message(), never);
      expect(result).to.deep.include({ taken: false, unreachable: false, gone: false });
    }
    expect(other.asked).to.deep.equal([]);
  });

  it('tells a receiver that refuses from one that cannot be reached, and from one that wants nothing more', async () => {
    const { receiver, post } = await open();
    const judged = async (status: number) => {
      receiver.reply = status;
      const result = await post(message(), never);
      return result.taken ? null : [result.unreachable, result.gone];
    };
    for (const status of [400, 401, 404, 500]) expect(await judged(status)).to.deep.equal([false, false]);
    for (const status of [429, 502, 503, 504]) expect(await judged(status)).to.deep.equal([true, false]);
    expect(await judged(410)).to.deep.equal([false, true]);
    await receiver.close();
    expect(await post(message(), never)).to.deep.include({ taken: false, unreachable: true, gone: false });
  });

  it('waits 15 s for an answer, and no longer', async () => {
    const clock = createTestClock(Date.now());
    const { receiver, post } = await open(clock);
    receiver.reply = 'hang';
    const posting = post(message(), never);
    await until(() => receiver.asked.length === 1, 'the request');
    clock.advance(POST_LIMIT_MS);
    expect(await posting).to.deep.include({ taken: false, unreachable: true });
    expect(clock.pending).to.equal(0);
  });

  it('reads no more than a little of what is answered', async () => {
    const { receiver, post } = await open();
    let written = 0;
    receiver.reply = (_event, res) => {
      res.writeHead(200);
      const more = () => {
        while (!res.destroyed && res.write('x'.repeat(16_384))) written += 16_384;
      };
      res.on('drain', more).on('error', () => {});
      more();
    };
    expect(await post(message(), never)).to.deep.equal({ taken: true });
    expect(written).to.be.lessThan(64 * 1024 * 1024);
  });

  it('ends at once where it is cut off', async () => {
    const { receiver, post } = await open();
    receiver.reply = 'hang';
    const cut = new AbortController();
    const posting = post(message(), cut.signal);
    await until(() => receiver.asked.length === 1, 'the request');
    cut.abort(new Error('the node is leaving'));
    expect(await posting).to.deep.include({ taken: false, error: 'the node is leaving' });
  });
});
