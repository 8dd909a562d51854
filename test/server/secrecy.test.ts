import { expect } from 'chai';
import { createLog } from '../../server/log.ts';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { openTab, Tab } from '../support/tab.ts';
import { agentClaims, serviceClaims, sign } from '../support/tokens.ts';
import { Office, START } from './http/office.ts';

describe('a token', () => {
  const cleanup = cleanupAfterEach();

  it('stands in no log, metric, answer or audit entry, wherever somebody puts it', async () => {
    const lines: string[] = [];
    const log = createLog('trace', { write: (line) => void lines.push(line) });
    const office = cleanup.using(await Office.open({ VIGIL_VERIFY_COOKIE: 'vigil' }, { log }));
    const good = sign(agentClaims(START, { permissions: ['manage_security'] }));
    const plain = sign(agentClaims(START, { sub: 'bob', sid: 'login-of-bob' }));
    const service = sign(serviceClaims(START));
    const forged = sign(agentClaims(START), 'another secret of thirty-two bytes or so');
    const expired = sign(agentClaims(START - 86_400_000));
    const answers: unknown[] = [];

    for (const token of [good, plain, service, forged, expired]) {
      const { get, put, post, delete: remove } = apiOf(office.node.url, token);
      const inPath = encodeURIComponent(token);
      for (const call of [
        () => get('/v1/session', { 'x-request-id': token }),
        () => get(`/v1/session?token=${token}`),
        () => get('/v1/verify', { authorization: '', cookie: `vigil=${token}` }),
        () => get(`/v1/agents/${inPath}`),
        () => get(`/v1/sessions/${inPath}`),
        () => get(`/v1/agents?cursor=${inPath}&state=${inPath}`),
        () => get(`/v1/audit?type=${inPath}`),
        () => get(`/${inPath}`),
        () => put('/v1/policy', { timeoutSeconds: token, rememberMe: token }),
        () => put(`/v1/agents/${inPath}/availability`, { available: token }),
        () => post('/v1/agents/bob/sign-out', { token }),
        () => remove(`/v1/session/${inPath}`),
      ]) {
        const { body, headers } = await call();
        answers.push(body, [...headers]);
      }
      const tab = cleanup.using(new Tab(office.node.url, token));
      await Promise.race([tab.next('session'), tab.refused()]);
      answers.push(tab.received);
    }
    const tab = cleanup.using(await openTab(office.node.url, good));
    const said = tab.socket as unknown as { emitWithAck(event: string, payload: unknown): Promise<unknown> };
    answers.push(
      await said.emitWithAck('activity', { token: good }),
      await said.emitWithAck(good, { idleMs: good }),
    );
    office.between.down();
    answers.push((await apiOf(office.node.url, good).get('/v1/session')).body);
    office.between.up();

    const audit = await apiOf(office.node.url, good).get('/v1/audit?limit=1000');
    const metrics = await office.stranger().get('/metrics');
    expect(audit.body.events).to.have.length.greaterThan(2);
    expect(lines.length).to.be.greaterThan(50);
    const everything = JSON.stringify([lines, answers, audit.body, metrics.body]);
    for (const token of [good, plain, service, forged, expired]) {
      const [, claims = '', signature = ''] = token.split('.');
      expect(everything.includes(claims), 'claims').to.equal(false);
      expect(everything.includes(signature), 'a signature').to.equal(false);
    }
  });
});

describe('the log of calls', () => {
  const cleanup = cleanupAfterEach();

  async function entriesOf(level: 'info' | 'debug', act: (office: Office) => Promise<unknown>) {
    const lines: string[] = [];
    const log = createLog(level, { write: (line) => void lines.push(line) });
    const office = cleanup.using(await Office.open({}, { log }));
    await act(office);
    return lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'answered');
  }

  it('names the request, the agent and the route, and never the path', async () => {
    const [entry] = await entriesOf('debug', async (office) => {
      const { headers } = await office.manager().get('/v1/agents/ann', { 'x-request-id': 'abc-1' });
      expect(headers.get('x-request-id')).to.equal('abc-1');
    });
    expect(entry).to.include({
      requestId: 'abc-1',
      method: 'GET',
      route: '/v1/agents/:id',
      status: 404,
      account: 'acme',
      agent: 'mia',
    });
    expect(JSON.stringify(entry)).to.not.include('ann');
  });

  it('gives a request a name of its own where it has none, or one that is odd', async () => {
    const entries = await entriesOf('debug', async (office) => {
      await office.stranger().get('/v1/session');
      await office.stranger().get('/v1/session', { 'x-request-id': 'a.b' });
    });
    const ids = entries.map(({ requestId }) => requestId);
    expect(new Set(ids).size).to.equal(2);
    for (const id of ids) expect(id).to.match(/^[\da-f-]{36}$/);
    expect(entries[0]).to.not.have.property('agent');
  });

  it('holds what changes something at info, and what reads at debug', async () => {
    const entries = await entriesOf('info', async (office) => {
      await office.backend().get('/v1/policy');
      await office.backend().delete('/v1/sessions/login-7');
    });
    expect(entries.map(({ method, service }) => [method, service])).to.deep.equal([['DELETE', 'backend']]);
  });
});
