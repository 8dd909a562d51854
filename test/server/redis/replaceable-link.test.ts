import { expect } from 'chai';
import { ErrorReply } from 'redis';
import type { Connection } from '../../../server/redis/redis-link.ts';
import { createReplaceableLink } from '../../../server/redis/replaceable-link.ts';
import { cleanupAfterEach } from '../../support/cleanup.ts';
import { until } from '../../support/waiting.ts';

describe('a link that outlives its connections', () => {
  const cleanup = cleanupAfterEach();

  /** Connections that answer with their number, until they are outdated. */
  async function open(answer: (number: number) => Promise<unknown> = (number) => Promise.resolve(number)) {
    const state = { made: 0, destroyed: [] as number[], outdated: new Set<number>(), looks: 0, replaced: 0 };
    const link = await createReplaceableLink(async (): Promise<Connection> => {
      state.made += 1;
      const number = state.made;
      return {
        send: () => answer(number),
        close: async () => {},
        destroy: () => void state.destroyed.push(number),
        groupOf: () => '',
        hangs: () => {},
        async isOutdated() {
          state.looks += 1;
          return state.outdated.has(number);
        },
      };
    });
    link.onReplaced?.(() => (state.replaced += 1));
    cleanup.using(link);
    return { link, state };
  }

  it('leaves a server that goes on, but is the master no more, and says so', async () => {
    const { link, state } = await open();
    expect(await link.send('k', ['GET'])).to.equal(1);
    await until(() => state.looks > 0, 'it to be asked for');
    expect(state.made).to.equal(1);
    state.outdated.add(1);
    await until(() => state.replaced === 1, 'another connection');
    expect(await link.send('k', ['GET'])).to.equal(2);
    expect(state.destroyed).to.deep.equal([1]);
  });

  it('looks at once where a server takes no writes for want of replicas', async () => {
    const refusal = new ErrorReply('NOREPLICAS Not enough good replicas to write.');
    const { link, state } = await open((number) =>
      number === 1 ? Promise.reject(refusal) : Promise.resolve('taken'),
    );
    state.outdated.add(1);
    const startedAt = performance.now();
    expect(await link.send('k', ['SET']).catch((error: unknown) => error)).to.equal(refusal);
    await until(() => state.replaced === 1, 'another connection', { everyMs: 1 });
    expect(performance.now() - startedAt, 'ms, where the next look is in a second').to.be.below(900);
    expect(await link.send('k', ['SET'])).to.equal('taken');
  });

  it('stays with a server that lacks replicas and is still the master', async () => {
    const refusal = new ErrorReply('NOREPLICAS Not enough good replicas to write.');
    const { link, state } = await open(() => Promise.reject(refusal));
    await link.send('k', ['SET']).catch(() => {});
    await until(() => state.looks > 0, 'it to be asked for');
    expect(state.made).to.equal(1);
  });
});
