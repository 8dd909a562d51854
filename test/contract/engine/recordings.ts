import { expect } from 'chai';
import type { Recording } from '../../../server/engine/engine.ts';
import { MAX_TURNS } from '../../../server/engine/engine.ts';
import type { TrailState } from '../../../shared/presence.ts';
import { deskForEach } from './desk.ts';
import { DAY, HOUR, MINUTE, type OpenEngine, SECOND } from './harness.ts';

export function recordingsContract(open: OpenEngine, { durable }: { durable: boolean }): void {
  describe('presence over time', () => {
    const desk = deskForEach(open);
    const kept = () => desk().engine.recordings;
    const claim = (limit = 10) => kept().claim({ limit });
    const want = () => kept().want(desk().account);
    const points = async () => (await kept().points(desk().account)).map(({ at }) => at);

    function write(turns: Record<string, TrailState> = {}, more: Partial<Recording> = {}): Promise<void> {
      const counts = { active: 1, idle: 2, background: 3, offline: 4 };
      const listed = Object.entries(turns).map(([agent, state]) => ({ agent, state }));
      return kept().write(desk().account, { at: desk().now, counts, turns: listed, forgotten: [], ...more });
    }

    it('is recorded of nobody until somebody wants it', async () => {
      expect(await claim()).to.deep.equal([]);
      await write({ ann: 'active' });
      expect(await points()).to.deep.equal([]);
      expect(await kept().turns(desk().account, 'ann')).to.deep.equal([]);
      expect([...(await kept().latest(desk().account))]).to.deep.equal([]);
    });

    it('can be claimed once a minute, by one who asks', async () => {
      expect(await want()).to.equal(true);
      expect(await want()).to.equal(false);
      expect(await claim()).to.deep.equal([desk().account]);
      expect(await claim()).to.deep.equal([]);
      desk().leap(MINUTE - 1);
      expect(await claim()).to.deep.equal([]);
      desk().leap(1);
      expect(await claim()).to.deep.equal([desk().account]);
      desk().leap(10 * MINUTE + 7 * SECOND);
      expect(await claim()).to.deep.equal([desk().account]);
      expect(await claim(), 'what was missed is not made up for').to.deep.equal([]);
      desk().leap(MINUTE);
      expect(await claim()).to.deep.equal([desk().account]);
    });

    it('is claimed within the limit, or of one account alone', async () => {
      const others = [desk().elsewhere(), desk().elsewhere()];
      for (const { account } of [desk(), ...others]) await kept().want(account);
      const { account } = others[1]!;
      expect(await kept().claim({ limit: 5, account })).to.deep.equal([account]);
      expect(await claim(1)).to.have.length(1);
      expect(await claim()).to.have.length(1);
    });

    it('is wanted for a week after somebody looked, and then forgotten', async () => {
      await want();
      desk().leap(5 * DAY);
      await want();
      desk().leap(7 * DAY - 1);
      expect(await claim()).to.deep.equal([desk().account]);
      await write({ ann: 'idle' }, { at: desk().now - 1 });
      expect(await points()).to.have.length(1);
      desk().leap(MINUTE);
      expect(await claim()).to.deep.equal([]);
      expect(await points()).to.deep.equal([]);
      expect(await kept().turns(desk().account, 'ann')).to.deep.equal([]);
      expect(await want()).to.equal(true);
    });

    it('tells the counts of a day, oldest first', async () => {
      await want();
      const start = desk().now;
      await write();
      expect(await kept().points(desk().account)).to.deep.equal([
        { at: start, active: 1, idle: 2, background: 3, offline: 4 },
      ]);
      desk().leap(20 * HOUR);
      await write();
      desk().leap(4 * HOUR - 1);
      expect(await points()).to.deep.equal([start, start + 20 * HOUR]);
      desk().leap(1);
      expect(await points()).to.deep.equal([start + 20 * HOUR]);
      await write();
      expect(await points()).to.deep.equal([start + 20 * HOUR, start + 24 * HOUR]);
    });

    it('tells when each agent changed, and what of them was recorded last', async () => {
      await want();
      const start = desk().now;
      await write({ ann: 'active', 'é:1 %': 'warned' });
      desk().leap(MINUTE);
      await write({ ann: 'offline' });
      expect(await kept().turns(desk().account, 'ann')).to.deep.equal([
        { state: 'active', at: start },
        { state: 'offline', at: start + MINUTE },
      ]);
      expect(await kept().turns(desk().account, 'bob')).to.deep.equal([]);
      expect(Object.fromEntries(await kept().latest(desk().account))).to.deep.equal({
        ann: { state: 'offline', at: start + MINUTE },
        'é:1 %': { state: 'warned', at: start },
      });
      expect(await kept().turns(desk().elsewhere().account, 'ann')).to.deep.equal([]);
    });

    it('keeps of an agent what was so a day ago, and no more than so many turns', async () => {
      await want();
      const start = desk().now;
      await write({ ann: 'active' });
      desk().leap(HOUR);
      await write({ ann: 'idle' });
      desk().leap(24 * HOUR - SECOND);
      await write({ ann: 'offline' });
      const turnsOf = async () => (await kept().turns(desk().account, 'ann')).map(({ at }) => at - start);
      expect(await turnsOf()).to.deep.equal([0, HOUR, 25 * HOUR - SECOND]);
      desk().leap(SECOND);
      await write({ ann: 'active' });
      expect(await turnsOf()).to.deep.equal([HOUR, 25 * HOUR - SECOND, 25 * HOUR]);
      for (let turn = 0; turn < MAX_TURNS; turn += 1) {
        desk().leap(SECOND);
        await write({ ann: turn % 2 === 0 ? 'idle' : 'active' });
      }
      expect(await turnsOf()).to.have.length(MAX_TURNS);
      expect((await turnsOf())[0]).to.equal(25 * HOUR + SECOND);
    });

    it('takes more agents than fit one call, and forgets whom it is told to', async () => {
      await want();
      const many = Array.from({ length: 450 }, (_, place) => `agent-${place}`);
      await write(Object.fromEntries(many.map((agent) => [agent, 'idle' as const])));
      expect((await kept().latest(desk().account)).size).to.equal(450);
      desk().leap(MINUTE);
      await write({}, { forgotten: many.slice(10) });
      expect([...(await kept().latest(desk().account)).keys()].toSorted()).to.deep.equal(
        many.slice(0, 10).toSorted(),
      );
      expect(await kept().turns(desk().account, 'agent-10')).to.deep.equal([]);
    });

    it('goes on from where a clock was set back to', async () => {
      await want();
      const start = desk().now;
      await write({ ann: 'active' });
      desk().leap(2 * HOUR);
      await write({ ann: 'idle' });
      desk().harness.clock.step(-HOUR);
      await desk().sweep();
      expect(await points()).to.deep.equal([start]);
      await write({ ann: 'offline' });
      expect(await points()).to.deep.equal([start, start + HOUR]);
      expect(await kept().turns(desk().account, 'ann')).to.deep.equal([
        { state: 'active', at: start },
        { state: 'offline', at: start + HOUR },
      ]);
    });

    if (durable) {
      it('outlives a kill -9, and is recorded on although nobody looks anew', async () => {
        await want();
        await claim();
        const start = desk().now;
        await write({ ann: 'active', bob: 'idle' });
        await desk().harness.reopen(5 * MINUTE);
        expect(await points()).to.deep.equal([start]);
        expect(await kept().turns(desk().account, 'ann')).to.deep.equal([{ state: 'active', at: start }]);
        expect((await kept().latest(desk().account)).get('bob')).to.deep.equal({ state: 'idle', at: start });
        expect(await claim()).to.deep.equal([desk().account]);
        await write();
        await desk().harness.reopen(24 * HOUR);
        expect(await points()).to.deep.equal([]);
        expect(await want()).to.equal(false);
      });
    }
  });
}
