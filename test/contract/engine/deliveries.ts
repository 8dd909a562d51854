import { expect } from 'chai';
import type { DeliveryClaim, DeliveryOutcome } from '../../../server/engine/engine.ts';
import type { VigilEvent } from '../../../shared/events.ts';
import { deskForEach } from './desk.ts';
import { DAY, MINUTE, type OpenEngine, SECOND } from './harness.ts';

const LEASE = 20 * SECOND;

export function deliveriesContract(open: OpenEngine, { durable }: { durable: boolean }): void {
  describe('what is to be delivered', () => {
    const desk = deskForEach(open, { deliver: true });
    const owed = () => desk().engine.deliveries;

    const claim = (limit = 10) => owed().claim({ limit, leaseMs: LEASE });

    async function claimOne(): Promise<DeliveryClaim> {
      const claims = await claim();
      expect(claims.map(({ account }) => account)).to.deep.equal([desk().account]);
      return claims[0]!;
    }

    async function read({ account, after, last }: DeliveryClaim): Promise<VigilEvent[]> {
      const events = await desk().engine.events(account, { after, limit: 1_000 });
      return events.filter(({ id }) => id <= last);
    }

    function settle(claimed: DeliveryClaim, outcome: Partial<DeliveryOutcome>): Promise<boolean> {
      const { account, claim: name, after } = claimed;
      const nothing = { failing: null, retryInMs: 0, oldestAt: desk().now, dead: [], resent: [] };
      return owed().settle({ account, claim: name, upTo: after, ...nothing, ...outcome });
    }

    const failing = (unreachable: boolean) => ({ attempts: 1, since: desk().now, unreachable });

    /** One event that was given up. */
    async function giveUp(agent: string): Promise<VigilEvent> {
      await desk().login(agent);
      const claimed = await claimOne();
      const [event] = await read(claimed);
      const dead = [{ event: event!, error: '500 "no"\n' }];
      expect(await settle(claimed, { upTo: event!.id, dead })).to.equal(true);
      return event!;
    }

    it('is every event, which one node at a time can claim', async () => {
      expect(await claim()).to.deep.equal([]);
      await desk().login('ann', { autoAssign: true });
      await desk().setAvailable('ann', false);
      await desk().signOut('ann');
      const claimed = await claimOne();
      expect(await read(claimed)).to.deep.equal(desk().events());
      expect(claimed).to.include({ failing: null, resending: 0 });
      expect(await claim()).to.deep.equal([]);
    });

    it('is owed no more once it is settled, until something else happens', async () => {
      await desk().login('ann');
      const claimed = await claimOne();
      expect(await settle(claimed, { upTo: claimed.last })).to.equal(true);
      expect(await claim()).to.deep.equal([]);
      expect(await owed().backlog()).to.deep.equal({ accounts: 0, oldestAt: null });
      desk().leap(SECOND);
      desk().forget();
      await desk().login('bob');
      const again = await claimOne();
      expect(again.after).to.equal(claimed.last);
      expect(await read(again)).to.deep.equal(desk().events());
    });

    it('is due again at once where something happened since it was claimed', async () => {
      await desk().login('ann');
      const claimed = await claimOne();
      await desk().login('bob');
      await settle(claimed, { upTo: claimed.last });
      expect((await claimOne()).after).to.equal(claimed.last);
    });

    it('is free again when a claim runs out, and who comes late writes nothing', async () => {
      await desk().login('ann');
      const slow = await claimOne();
      desk().leap(LEASE - 1);
      expect(await claim()).to.deep.equal([]);
      desk().leap(1);
      const quick = await claimOne();
      expect(await settle(slow, { upTo: slow.last })).to.equal(false);
      expect(await settle(quick, { failing: failing(false), retryInMs: MINUTE })).to.equal(true);
      expect(await settle(quick, { upTo: quick.last })).to.equal(false);
      desk().leap(MINUTE);
      expect((await claimOne()).after).to.equal(slow.after);
    });

    it('waits for its next attempt, whatever happens meanwhile, and knows of those before', async () => {
      await desk().login('ann');
      const state = { attempts: 3, since: desk().now - 5, unreachable: true };
      await settle(await claimOne(), { failing: state, retryInMs: MINUTE });
      await desk().login('bob');
      desk().leap(MINUTE - 1);
      expect(await claim()).to.deep.equal([]);
      desk().leap(1);
      expect((await claimOne()).failing).to.deep.equal(state);
    });

    it('is due at once where the clock is set back by more than a minute, also what was claimed', async () => {
      const [owing, claimed] = [desk(), desk().elsewhere()];
      await owing.login('ann');
      await settle(await claimOne(), { failing: failing(false), retryInMs: MINUTE });
      await claimed.login('ann');
      expect(await claim()).to.have.length(1);
      desk().harness.clock.step(-2 * MINUTE);
      await desk().sweep();
      const accounts = (await claim()).map(({ account }) => account);
      expect(accounts).to.have.members([owing.account, claimed.account]);
    });

    it('is hastened only where the receiver could not be reached', async () => {
      const refusing = desk().elsewhere();
      for (const [of, unreachable] of [
        [desk(), true],
        [refusing, false],
      ] as const) {
        await of.login('ann');
        const [claimed] = await claim();
        await settle(claimed!, { failing: failing(unreachable), retryInMs: MINUTE });
      }
      await owed().hasten(10);
      expect((await claimOne()).failing?.unreachable).to.equal(true);
    });

    it('says how many accounts owe something, and since when', async () => {
      const since = desk().now;
      await desk().login('ann');
      desk().leap(MINUTE);
      await desk().elsewhere().login('ann');
      await desk().login('bob');
      expect(await owed().backlog()).to.deep.equal({ accounts: 2, oldestAt: since });
      const claims = await claim();
      const claimed = claims.find(({ account }) => account === desk().account)!;
      expect(await owed().backlog()).to.deep.equal({ accounts: 2, oldestAt: since });
      await settle(claimed, { upTo: claimed.after, oldestAt: since + 5 });
      expect(await owed().backlog()).to.deep.equal({ accounts: 2, oldestAt: since + 5 });
    });

    it('becomes a dead letter where it is given up, in the same step', async () => {
      const event = await giveUp('ann');
      const letter = { event, failedAt: desk().now, error: '500 "no"\n', resending: false };
      expect(await owed().deadLetters(desk().account)).to.deep.equal([letter]);
      expect(await owed().deadLetters(desk().elsewhere().account)).to.deep.equal([]);
      expect(await claim()).to.deep.equal([]);
    });

    it('is sent again on demand: what is taken leaves the dead letters', async () => {
      expect(await owed().resend(desk().account)).to.equal(0);
      const [first, second] = [await giveUp('ann'), await giveUp('bob')];
      expect(await owed().resend(desk().account)).to.equal(2);
      const letters = await owed().deadLetters(desk().account);
      expect(letters.map(({ resending }) => resending)).to.deep.equal([true, true]);
      const claimed = await claimOne();
      expect(claimed.resending).to.equal(2);
      await settle(claimed, {
        resent: [
          { id: first.id, taken: true },
          { id: second.id, taken: false },
        ],
      });
      const [left, ...more] = await owed().deadLetters(desk().account);
      expect(left).to.deep.include({ event: second, resending: false });
      expect(more).to.deep.equal([]);
      expect(await claim()).to.deep.equal([]);
    });

    it('is forgotten thirty-one days after it happened and was given up', async () => {
      await giveUp('ann');
      desk().leap(31 * DAY);
      expect(await owed().deadLetters(desk().account)).to.deep.equal([]);
    });

    it('has ids unlike those of other accounts at the same moment', async () => {
      const other = desk().elsewhere();
      await desk().login('ann');
      await other.login('ann');
      expect(desk().events()[0]!.id).not.to.equal(other.events()[0]!.id);
    });

    if (durable) {
      it('is still owed after a kill -9, and dead letters are still there', async () => {
        const event = await giveUp('ann');
        await owed().resend(desk().account);
        await desk().login('bob');
        await claimOne();
        await desk().harness.reopen(LEASE);
        const claimed = await claimOne();
        expect(claimed).to.include({ after: event.id, resending: 1 });
        expect(await read(claimed)).to.deep.equal(desk().events().slice(1));
        expect(await owed().deadLetters(desk().account)).to.have.length(1);
      });
    }
  });

  describe('with nobody to deliver to', () => {
    const desk = deskForEach(open);

    it('nothing is owed', async () => {
      await desk().login('ann');
      expect(await desk().engine.deliveries.claim({ limit: 10, leaseMs: LEASE })).to.deep.equal([]);
      expect(await desk().engine.deliveries.backlog()).to.deep.equal({ accounts: 0, oldestAt: null });
    });
  });
}
