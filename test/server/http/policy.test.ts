import { expect } from 'chai';
import { cleanupAfterEach } from '../../support/cleanup.ts';
import { expectRefusal, Office, START } from './office.ts';

const POLICY = { timeoutSeconds: 3_600, rememberMe: { agent: false, requester: true } };

describe('/v1/policy', () => {
  const cleanup = cleanupAfterEach();
  const open = async () => cleanup.using(await Office.open());

  it('starts as the default, which nobody has saved', async () => {
    const office = await open();
    const { body, headers } = await office.manager().get('/v1/policy');
    expect(body).to.deep.equal({
      timeoutSeconds: 86_400,
      rememberMe: { agent: true, requester: true },
      leadSeconds: 60,
      limits: { minSeconds: 900, maxSeconds: 2_592_000 },
      updatedAt: null,
      updatedBy: null,
    });
    expect(headers.get('etag')).to.equal('"0"');
  });

  it('says who saved it and when, and is in force for live sessions at once', async () => {
    const office = await open();
    office.clock.advance(5_000);
    const saved = await office.manager().put('/v1/policy', POLICY);
    expect(saved.body).to.deep.include({ ...POLICY, updatedAt: START + 5_000, updatedBy: 'mia' });
    expect(saved.headers.get('etag')).to.equal('"1"');
    expect((await office.backend().get('/v1/policy')).body).to.deep.equal(saved.body);
    expect((await office.manager().get('/v1/session')).body.timeoutMs).to.equal(3_600_000);
  });

  it('is overwritten by nobody who looked at an older one', async () => {
    const office = await open();
    const put = (timeoutSeconds: number, tag: string) =>
      office.manager().put('/v1/policy', { ...POLICY, timeoutSeconds }, { 'if-match': tag });
    expect((await put(1_000, '"0"')).status).to.equal(200);
    for (const tag of ['"0"', '"2"', 'nonsense', '1', '""', '"1']) {
      expectRefusal(await put(2_000, tag), [412, 'precondition_failed']);
    }
    expect((await put(1_001, 'W/"1"')).status, 'as weakened by a proxy that compresses').to.equal(200);
    expect((await put(1_002, '"7", "2"')).status).to.equal(200);
    expect((await put(1_003, '*')).status).to.equal(200);
  });

  it('takes a timeout within the limits and nothing else', async () => {
    const office = await open();
    const put = (body: unknown) => office.manager().put('/v1/policy', body);
    for (const timeoutSeconds of [899, 2_592_001, 0, -900, 9e15]) {
      expectRefusal(await put({ ...POLICY, timeoutSeconds }), [422, 'out_of_range']);
    }
    for (const body of [
      {},
      [],
      { timeoutSeconds: 3_600 },
      { ...POLICY, timeoutSeconds: '3600' },
      { ...POLICY, timeoutSeconds: 900.5 },
      { ...POLICY, timeoutSeconds: null },
      { ...POLICY, rememberMe: true },
      { ...POLICY, rememberMe: { agent: 1, requester: true } },
    ]) {
      expectRefusal(await put(body), [422, 'invalid']);
    }
    for (const timeoutSeconds of [900, 2_592_000])
      expect((await put({ ...POLICY, timeoutSeconds })).status).to.equal(200);
  });

  it('has the limits that the node was started with', async () => {
    const office = cleanup.using(
      await Office.open({ VIGIL_MIN_TIMEOUT: '90500ms', VIGIL_WARNING_LEAD: '1500ms' }),
    );
    const { body } = await office.manager().get('/v1/policy');
    expect(body).to.deep.include({ leadSeconds: 1.5, limits: { minSeconds: 91, maxSeconds: 2_592_000 } });
    expectRefusal(await office.manager().put('/v1/policy', { ...POLICY, timeoutSeconds: 90 }), [
      422,
      'out_of_range',
    ]);
    expect((await office.manager().put('/v1/policy', { ...POLICY, timeoutSeconds: 91 })).status).to.equal(
      200,
    );
  });

  it('is each account’s own', async () => {
    const office = await open();
    await office.manager().put('/v1/policy', POLICY);
    expect((await office.manager({ account: 'other' }).get('/v1/policy')).body.timeoutSeconds).to.equal(
      86_400,
    );
    expect((await office.stranger().get('/v1/login-options?account=other')).body.agent.rememberMe).to.equal(
      true,
    );
  });

  it('needs manage_security', async () => {
    const office = await open();
    for (const caller of [
      office.agent({ permissions: ['view_presence'] }),
      office.backend({ permissions: ['view_presence'] }),
    ]) {
      expectRefusal(await caller.get('/v1/policy'), [403, 'forbidden']);
      expectRefusal(await caller.put('/v1/policy', POLICY), [403, 'forbidden']);
      expectRefusal(await caller.post('/v1/policy/preview', { timeoutSeconds: 900 }), [403, 'forbidden']);
    }
    expect((await office.manager().get('/v1/policy')).body.updatedAt).to.equal(null);
  });

  it('can be tried before it is saved: whom a timeout would sign out', async () => {
    const office = await open();
    await office.seat('a', 'b');
    office.clock.advance(1_800_000);
    const preview = async (timeoutSeconds: number) =>
      (await office.backend().post('/v1/policy/preview', { timeoutSeconds })).body;
    expect(await preview(900)).to.deep.equal({ agents: 2, dueNow: 2, dueWithinHour: 2 });
    expect(await preview(3_600)).to.deep.equal({ agents: 2, dueNow: 0, dueWithinHour: 2 });
    expect(await preview(86_400)).to.deep.equal({ agents: 2, dueNow: 0, dueWithinHour: 0 });
    expectRefusal(await office.backend().post('/v1/policy/preview', { timeoutSeconds: 899 }), [
      422,
      'out_of_range',
    ]);
    expectRefusal(await office.backend().post('/v1/policy/preview', {}), [422, 'invalid']);
  });
});

describe('/v1/login-options', () => {
  const cleanup = cleanupAfterEach();

  it('tells anybody, on whatever page, what the login page may offer', async () => {
    const office = cleanup.using(await Office.open());
    await office.manager().put('/v1/policy', POLICY);
    const { body, headers } = await office
      .stranger()
      .get('/v1/login-options?account=acme', { origin: 'https://anywhere.example' });
    expect(body).to.deep.equal({ agent: { rememberMe: false }, requester: { rememberMe: true } });
    expect(headers.get('access-control-allow-origin')).to.equal('*');
    expect((await office.stranger().get('/v1/login-options?account=unheard-of')).body).to.deep.equal({
      agent: { rememberMe: true },
      requester: { rememberMe: true },
    });
  });

  it('needs an account', async () => {
    const office = cleanup.using(await Office.open());
    for (const query of [
      '',
      '?account=',
      '?account=%00',
      '?account=a&account=b',
      `?account=${'a'.repeat(129)}`,
    ]) {
      expectRefusal(await office.stranger().get(`/v1/login-options${query}`), [400, 'bad_request']);
    }
  });
});
