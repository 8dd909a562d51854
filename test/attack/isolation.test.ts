import { expect } from 'chai';
import { Office } from '../server/http/office.ts';
import { Dashboard } from '../server/sockets/dashboard.ts';
import { apiOf } from '../support/api.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { openTab, type Tab } from '../support/tab.ts';
import { agentClaims, newSid, serviceClaims, sign } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';
import { type Ids, type More, TOKEN_CALLS } from './calls.ts';

/** What stands in everything of account A, and nowhere else. */
const CANARY = 'canary-of-a';
const A = 'account-a';
const B = 'account-b';
const OF_A: Ids = { id: `${CANARY}-agent`, sid: `${CANARY}-sid` };

describe('an account', () => {
  const cleanup = cleanupAfterAll();
  let office: Office;
  let tabOfA: Tab;

  const token = (account: string, claims: Record<string, unknown>) =>
    sign(agentClaims(office.clock.now(), { account, ...claims }));
  const managerOf = (account: string) =>
    token(account, {
      sub: `manager of ${account}`,
      sid: newSid(),
      permissions: ['manage_security'],
    });
  const serviceOf = (account: string) => sign(serviceClaims(office.clock.now(), { account }));

  before(async () => {
    office = cleanup.using(await Office.open());
    const claims = { sub: OF_A.id, sid: OF_A.sid, name: `${CANARY} Name`, auto_assign: true };
    tabOfA = cleanup.using(await openTab(office.node.url, token(A, claims)));
    const manager = apiOf(office.node.url, managerOf(A));
    const settings = { timeoutSeconds: 5_400, rememberMe: { agent: false, requester: true } };
    expect((await manager.put('/v1/policy', settings)).status).to.equal(200);
  });

  /** All that can be known of A, as it stands. */
  async function stateOfA(): Promise<unknown> {
    const service = apiOf(office.node.url, serviceOf(A));
    const paths = ['/v1/policy', `/v1/agents/${OF_A.id}`, `/v1/sessions/${OF_A.sid}`, '/v1/events'];
    return Promise.all(paths.map(async (path) => (await service.get(path)).body));
  }

  const attackers: [string, () => string][] = [
    ['a manager', () => managerOf(B)],
    ['a service', () => serviceOf(B)],
  ];
  for (const call of TOKEN_CALLS) {
    for (const [what, tokenOf] of attackers) {
      it(`is out of reach of ${call.name} by ${what} of another account`, async () => {
        const before = await stateOfA();
        const events = (before as { events: { id: string }[] }[])[3]!.events;
        const cursor = Buffer.from(OF_A.id).toString('base64url');
        const attempts: More[] = [
          {},
          { query: { account: A, agent: OF_A.id } },
          { query: { cursor: events[0]!.id, after: events[0]!.id } },
          { query: { cursor, account: A } },
          {
            body: { account: A, agent: OF_A.id, sid: OF_A.sid },
            headers: { 'x-vigil-account': A, 'x-account': A, 'x-vigil-agent': OF_A.id },
          },
        ];
        for (const more of attempts) {
          const answer = await call.make(office.node.url, tokenOf(), OF_A, more);
          const told = JSON.stringify([answer.body, [...answer.headers]]);
          expect(told, JSON.stringify(more)).to.not.include(CANARY);
          if (call.name.includes('{id}')) expect(answer.body.code).to.be.oneOf(['not_found', 'bad_request']);
        }
        expect(await stateOfA()).to.deep.equal(before);
        expect(tabOfA.socket.connected).to.equal(true);
      });
    }
  }

  it('is not touched by a login with the same ids in another account, nor by its end', async () => {
    const login = { sub: 'twin', sid: 'sid of the twin', auto_assign: true };
    const one = cleanup.using(await openTab(office.node.url, token(A, login)));
    const other = cleanup.using(await openTab(office.node.url, token(B, login)));
    expect(await other.availability(false)).to.deep.equal({ ok: true, available: false });
    await other.logout();
    await other.next('ended');
    const { body } = await apiOf(office.node.url, serviceOf(A)).get('/v1/agents/twin');
    expect(body).to.include({ available: true, sessions: 1, tabs: 1 });
    expect(one.all('ended')).to.deep.equal([]);
  });

  it('is out of reach of every event on a socket of another account', async () => {
    const before = await stateOfA();
    const attacker = cleanup.using(await openTab(office.node.url, managerOf(B)));
    const socket = attacker.socket as unknown as {
      emitWithAck(event: string, payload: object): Promise<object>;
    };
    const theirs = { account: A, agent: OF_A.id, sid: OF_A.sid, id: OF_A.id, tab: tabOfA.socket.id };
    const answers = [
      await socket.emitWithAck('activity', { idleMs: 0, ...theirs }),
      await socket.emitWithAck('focus', { visible: false, focused: false, ...theirs }),
      await socket.emitWithAck('availability', { available: false, ...theirs }),
      await socket.emitWithAck('token', { token: token(A, { sub: OF_A.id, sid: OF_A.sid }), ...theirs }),
      await socket.emitWithAck('logout', theirs),
    ];
    expect(answers.map((answer) => (answer as { code?: string }).code)).to.deep.equal([
      undefined,
      undefined,
      'not_participating',
      'token_invalid',
      undefined,
    ]);
    await attacker.next('ended');
    expect(await stateOfA()).to.deep.equal(before);
  });

  it('is heard of by its own tabs and dashboards alone, whatever happens in it', async () => {
    const watcher = token(B, { sub: 'watcher', sid: 'watcher', permissions: ['view_presence'] });
    const tab = cleanup.using(await openTab(office.node.url, watcher));
    const dashboard = cleanup.using(new Dashboard(`${office.node.url}/presence`, watcher));
    const own = cleanup.using(new Dashboard(`${office.node.url}/presence`, managerOf(A)));
    await Promise.all([dashboard.complete(), own.complete()]);
    await tabOfA.availability(false);
    await apiOf(office.node.url, managerOf(A)).post(`/v1/agents/${OF_A.id}/sign-out`);
    await tabOfA.next('ended');
    const isGone = () => {
      office.clock.advance(250);
      return !own.rows.has(OF_A.id);
    };
    await until(isGone, 'the dashboard of A to be told');
    expect(JSON.stringify(own.received)).to.include(CANARY);
    expect(JSON.stringify([dashboard.received, tab.received])).to.not.include(CANARY);
    const { body } = await apiOf(office.node.url, serviceOf(B)).get('/v1/events');
    expect(JSON.stringify(body)).to.not.include(CANARY);
  });
});
