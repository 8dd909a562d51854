import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { open } from 'lmdb';
import { systemClock } from '../../../../server/clock.ts';
import { openLmdbStore } from '../../../../server/engine/memory/store/lmdb-store.ts';
import { eventWrite, type Store } from '../../../../server/engine/memory/store/store.ts';
import { createVolatileStore } from '../../../../server/engine/memory/store/volatile-store.ts';
import type { VigilEvent } from '../../../../shared/events.ts';

const KEPT = 50;

function event(account: string, n: number, type: 'session.started' | 'session.ended'): VigilEvent {
  return { id: `id-${String(n).padStart(6, '0')}`, account, at: n, type, data: {} } as unknown as VigilEvent;
}

async function fill(store: Store, account: string, events: number): Promise<void> {
  for (let n = 0; n < events; n += 100) {
    const batch = Array.from({ length: 100 }, (_, place) => event(account, n + place, 'session.started'));
    await store.commit(batch.map(eventWrite));
  }
}

function idsOf(store: Store, account: string, shelf: 'kept' | 'common'): string[] {
  return [...store.events(account, shelf, { newestFirst: false })].map(({ id }) => id);
}

describe('the store of the memory engine', () => {
  it('is left alone where another version wrote it in another form', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'vigil-store-'));
    await (await openLmdbStore(dir)).close();
    const form = async (value?: number) => {
      const root = open({ path: dir, maxDbs: 20 });
      const owners = root.openDB('owner', {});
      if (value !== undefined) await owners.put(['form'], value);
      const found = owners.get(['form']);
      await root.close();
      return found;
    };
    expect(await form()).to.equal(1);
    await form(2);
    const refusal = await openLmdbStore(dir).catch((error: Error) => error.message);
    expect(refusal).to.equal('the data have form 2, and this version of Vigil knows form 1');
    expect(await form()).to.equal(2);
    await rm(dir, { recursive: true, force: true });
  });
});

describe('the audit log in the memory engine’s store', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'vigil-store-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('on disk: the oldest of a full shelf go, of no other shelf and no other account', async () => {
    const store = await openLmdbStore(dir, systemClock, KEPT);
    await store.commit(
      [event('other', 0, 'session.started'), event('acme', 0, 'session.ended')].map(eventWrite),
    );
    await fill(store, 'acme', 2_000);
    const left = idsOf(store, 'acme', 'common');
    expect(left).to.have.length(KEPT);
    expect(left[0]).to.equal('id-001950');
    expect(left.at(-1)).to.equal('id-001999');
    expect(idsOf(store, 'acme', 'kept')).to.have.length(1);
    expect(idsOf(store, 'other', 'common')).to.have.length(1);
    await store.close();
    const reopened = await openLmdbStore(dir, systemClock, KEPT);
    const [oldest, ...others] = left;
    await reopened.commit([
      { table: 'events', key: ['acme', 'common', oldest!], value: null },
      { table: 'events', key: ['acme', 'common', oldest!], value: null },
      eventWrite(event('acme', 2_000, 'session.started')),
    ]);
    expect(idsOf(reopened, 'acme', 'common')).to.deep.equal([...others, 'id-002000']);
    await reopened.close();
  });

  it('in memory: likewise, at once', async () => {
    const store = createVolatileStore(KEPT);
    await store.commit(
      [event('other', 0, 'session.started'), event('acme', 0, 'session.ended')].map(eventWrite),
    );
    await fill(store, 'acme', 100);
    expect(idsOf(store, 'acme', 'common')).to.have.length(KEPT);
    expect(idsOf(store, 'acme', 'common')[0]).to.equal('id-000050');
    expect(idsOf(store, 'acme', 'kept')).to.have.length(1);
    expect(idsOf(store, 'other', 'common')).to.have.length(1);
  });
});
