import { expect } from 'chai';
import type { VigilEvent } from '../../../shared/events.ts';
import { cleanupAfterEach } from '../../support/cleanup.ts';
import { expectRefusal, Office, START } from './office.ts';

const ids = (events: VigilEvent[]) => events.map(({ id }) => id);
const types = (events: VigilEvent[]) => events.map(({ type }) => type);

describe('/v1/audit and /v1/events', () => {
  const cleanup = cleanupAfterEach();
  const open = async () => cleanup.using(await Office.open());

  it('tell the same, one newest first and one oldest first', async () => {
    const office = await open();
    await office.seat('a', 'b', 'c');
    const audit = (await office.backend().get('/v1/audit')).body;
    const events = (await office.backend().get('/v1/events')).body;
    expect(types(events.events)).to.deep.equal(['session.started', 'session.started', 'session.started']);
    expect(audit.events).to.deep.equal([...events.events].reverse());
    expect(audit.events[0]).to.deep.include({
      account: 'acme',
      at: START,
      data: { agent: 'c', session: 'login-of-c', loginAt: START },
    });
  });

  it('go on where a page ended', async () => {
    const office = await open();
    await office.seat('a', 'b', 'c');
    const all = ids((await office.backend().get('/v1/events')).body.events);
    const first = (await office.backend().get('/v1/events?limit=2')).body;
    expect(ids(first.events)).to.deep.equal(all.slice(0, 2));
    const rest = (await office.backend().get(`/v1/events?limit=2&after=${first.next}`)).body;
    expect([ids(rest.events), rest.next]).to.deep.equal([all.slice(2), null]);
    const newest = (await office.backend().get('/v1/audit?limit=2')).body;
    expect(ids(newest.events)).to.deep.equal([all[2], all[1]]);
    const older = (await office.backend().get(`/v1/audit?limit=2&cursor=${newest.next}`)).body;
    expect([ids(older.events), older.next]).to.deep.equal([[all[0]], null]);
  });

  it('are filtered by type and by agent', async () => {
    const office = await open();
    await office.seat('a', 'b');
    await office.backend().post('/v1/agents/b/sign-out');
    const of = async (query: string) => types((await office.backend().get(`/v1/audit?${query}`)).body.events);
    expect(await of('type=session.ended')).to.deep.equal(['session.ended']);
    expect(await of('type=session.ended,session.started&agent=a')).to.deep.equal(['session.started']);
    expect(await of('agent=nobody')).to.deep.equal([]);
    for (const query of [
      'type=session.began',
      'type=__proto__',
      'cursor=../x',
      'limit=no',
      `agent=${'a'.repeat(129)}`,
    ]) {
      expectRefusal(await office.backend().get(`/v1/audit?${query}`), [400, 'bad_request']);
    }
    expectRefusal(await office.backend().get('/v1/events?after=%27'), [400, 'bad_request']);
  });

  it('are read for a span of time, page by page', async () => {
    const office = await open();
    for (const name of ['a', 'b', 'c', 'd']) {
      await office.seat(name);
      office.clock.advance(60_000);
    }
    const minute = (n: number) => START + n * 60_000;
    const read = async (query: string) => {
      const { events, next } = (await office.backend().get(`/v1/audit?${query}`)).body;
      return { agents: events.map(({ data }: VigilEvent) => 'agent' in data && data.agent), next };
    };
    expect((await read(`from=${minute(1)}&to=${minute(2)}`)).agents).to.deep.equal(['c', 'b']);
    const first = await read(`from=${minute(1)}&to=${minute(3)}&limit=2`);
    expect(first.agents).to.deep.equal(['d', 'c']);
    const rest = await read(`from=${minute(1)}&to=${minute(3)}&limit=2&cursor=${first.next}`);
    expect(rest).to.deep.equal({ agents: ['b'], next: null });
    const csv = await office.backend().get(`/v1/audit?to=${minute(0)}`, { accept: 'text/csv' });
    expect(csv.body.trim().split('\r\n')).to.have.lengthOf(2);
    for (const query of ['from=yesterday', 'to=-1', 'to=1e9', 'from=1&from=2'])
      expectRefusal(await office.backend().get(`/v1/audit?${query}`), [400, 'bad_request']);
  });

  it('note that they are taken out as JSON, once for all pages of it', async () => {
    const office = await open();
    await office.seat('a');
    await office.manager().get('/v1/audit?export=json');
    await office.manager().get('/v1/audit');
    const noted = (await office.backend().get('/v1/audit?type=audit.exported')).body.events;
    expect(noted.map(({ data }: VigilEvent) => data)).to.deep.equal([{ by: 'mia', format: 'json' }]);
  });

  it('are no one else’s: another account reads its own', async () => {
    const office = await open();
    await office.seat('a');
    const elsewhere = office.backend({ account: 'other' });
    expect((await elsewhere.get('/v1/audit')).body.events).to.deep.equal([]);
    expect((await elsewhere.get('/v1/events')).body.events).to.deep.equal([]);
    expectRefusal(await office.manager().get('/v1/events'), [403, 'forbidden']);
    expectRefusal(await office.agent().get('/v1/audit'), [403, 'forbidden']);
  });

  it('are exported as CSV that no spreadsheet computes, and the export is in the log', async () => {
    const office = await open();
    await office.seat('=HYPERLINK("https://evil.example")', '@sum', ' +1', 'a,"b"');
    const { body, headers } = await office
      .manager()
      .get('/v1/audit?type=session.started', { accept: 'text/csv' });
    expect(headers.get('content-type')).to.match(/^text\/csv/);
    expect(headers.get('content-disposition')).to.equal('attachment; filename=vigil-audit.csv');
    const lines: string[] = body.split('\r\n');
    expect(lines[0]).to.equal('"id","time","type","agent","by","reason","details"');
    expect(lines).to.have.length(1 + 5 + 1);
    expect(body).to.include(`"'=HYPERLINK(""https://evil.example"")"`);
    expect(body).to.include(`"'@sum"`).and.to.include(`"' +1"`).and.to.include('"a,""b"""');
    expect(body).to.include('2026-01-05T09:00:00.000Z');
    expect(body).to.not.match(/(^|,)"[=+\-@]/m);
    const { events } = (await office.manager().get('/v1/audit?type=audit.exported')).body;
    expect(events.map((event: VigilEvent) => event.data)).to.deep.equal([{ by: 'mia', format: 'csv' }]);
  });

  it('export more than a page, and what is asked for where less is', async () => {
    const office = await open();
    for (let entry = 0; entry < 2_500; entry++) {
      await office.node.engine.record('acme', {
        type: 'audit.exported',
        data: { by: `${entry}`, format: 'csv' },
      });
    }
    const lines = async (query: string) => {
      const { body } = await office.backend().get(`/v1/audit?${query}`, { accept: 'text/csv' });
      return body.split('\r\n').length - 2;
    };
    expect(await lines('limit=1500')).to.equal(1_500);
    expect(await lines('')).to.equal(2_502);
  });

  it('break the connection where an export cannot be finished', async () => {
    const office = await open();
    await office.seat('a');
    const backend = office.backend();
    const release = office.between.hold('record');
    const exported = backend.get('/v1/audit', { accept: 'text/csv' }).then(
      () => 'whole',
      () => 'broken',
    );
    while (office.between.calls('record').length === 0) await new Promise(setImmediate);
    office.between.down();
    release();
    expect(await exported).to.equal('broken');
  });
});

describe('refused attempts', () => {
  const cleanup = cleanupAfterEach();

  it('at what needs a permission are in the audit log, the same one once a minute', async () => {
    const office = cleanup.using(await Office.open());
    const ann = office.agent();
    for (let attempt = 0; attempt < 5; attempt++) await ann.put('/v1/policy', {});
    await ann.get('/v1/agents');
    const { events } = (await office.manager().get('/v1/audit?type=access.refused')).body;
    expect(events.map((event: VigilEvent) => event.data)).to.deep.equal([
      { by: 'ann', needs: 'view_presence', call: 'GET /v1/agents' },
      { by: 'ann', needs: 'manage_security', call: 'PUT /v1/policy' },
    ]);
  });

  it('cannot flood it, whoever makes them', async () => {
    const office = cleanup.using(await Office.open());
    for (let agent = 0; agent < 100; agent++) {
      await office.agent({ sub: `agent-${agent}`, sid: `login-${agent}` }).get('/v1/policy');
    }
    const { events } = (await office.manager().get('/v1/audit?type=access.refused&limit=1000')).body;
    expect(events).to.have.length(60);
  });

  it('too many of them from one address are answered rate_limited; who may come in is not', async () => {
    const office = cleanup.using(await Office.open());
    const codes = new Set<string>();
    for (let attempt = 0; attempt < 320; attempt++)
      codes.add((await office.stranger().get('/v1/session')).body.code);
    expect([...codes]).to.deep.equal(['token_missing', 'rate_limited']);
    const limited = await office.stranger().get('/v1/session');
    expectRefusal(limited, [429, 'rate_limited']);
    expect(limited.headers.get('retry-after')).to.equal('10');
    expect((await office.agent().get('/v1/session')).status).to.equal(200);
    expect((await office.manager().get('/v1/policy')).status).to.equal(200);
    expectRefusal(await office.stranger().get('/v1/verify'), [401, 'token_missing']);
  });

  it('count by the address that a trusted proxy names, and by the proxy where none is trusted', async () => {
    const trusting = cleanup.using(await Office.open({ VIGIL_TRUST_PROXY: '127.0.0.1' }));
    const doubting = cleanup.using(await Office.open());
    const from = (office: Office, address: string) =>
      office.stranger().get('/v1/session', { 'x-forwarded-for': address });
    for (let attempt = 0; attempt < 301; attempt++) {
      await from(trusting, '203.0.113.7');
      await from(doubting, `203.0.113.${attempt % 250}`);
    }
    expect((await from(trusting, '203.0.113.7')).body.code).to.equal('rate_limited');
    expect((await from(trusting, '203.0.113.7, 203.0.113.8')).body.code).to.equal('token_missing');
    expect((await from(doubting, '203.0.113.9')).body.code).to.equal('rate_limited');
  });
});
