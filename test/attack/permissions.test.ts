import { expect } from 'chai';
import { Office } from '../server/http/office.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { Tab } from '../support/tab.ts';
import { agentClaims, newSid, serviceClaims, sign } from '../support/tokens.ts';
import { type Needs, TOKEN_CALLS } from './calls.ts';

type Who = 'agent' | 'service';
interface Caller {
  what: string;
  who: Who;
  permissions?: unknown;
}

const CALLERS: Caller[] = [
  { what: 'an agent without a permission', who: 'agent' },
  {
    what: 'an agent with permissions that Vigil does not know',
    who: 'agent',
    permissions: ['admin', 'MANAGE_SECURITY'],
  },
  { what: 'an agent who may look', who: 'agent', permissions: ['view_presence'] },
  { what: 'a manager', who: 'agent', permissions: ['manage_security'] },
  { what: 'a service without a permission', who: 'service', permissions: [] },
  { what: 'a service that may look', who: 'service', permissions: ['view_presence'] },
  { what: 'a service that may manage', who: 'service', permissions: ['manage_security'] },
];

/** What docs/security.md says, said a second time. */
function mayCall(needs: Needs, { who, permissions = [] }: Caller): boolean {
  const has = (permission: string) => (permissions as string[]).includes(permission);
  switch (needs) {
    case 'live':
      return who === 'agent';
    case 'service':
      return who === 'service' && has('manage_security');
    case 'view':
      return has('view_presence') || has('manage_security');
    default:
      return has('manage_security');
  }
}

describe('each permission at each call', () => {
  const cleanup = cleanupAfterAll();
  let office: Office;

  before(async () => {
    office = cleanup.using(await Office.open());
  });

  function tokenOf({ who, permissions }: Caller): string {
    const now = office.clock.now();
    const claims = { ...(permissions === undefined ? {} : { permissions }) };
    return who === 'service'
      ? sign(serviceClaims(now, claims))
      : sign(agentClaims(now, { sub: 'caller', sid: newSid(), ...claims }));
  }

  for (const call of TOKEN_CALLS) {
    for (const caller of CALLERS) {
      const isAllowed = mayCall(call.needs, caller);
      it(`${isAllowed ? 'allows' : 'refuses'} ${call.name} to ${caller.what}`, async () => {
        const sid = newSid();
        const target = `target of ${sid}`;
        await office.agent({ sub: target, sid, auto_assign: true }).get('/v1/session');
        const answer = await call.make(office.node.url, tokenOf(caller), { id: target, sid });
        if (isAllowed) return expect(answer.status, JSON.stringify(answer.body)).to.be.oneOf([200, 204]);
        // What asks on behalf of visitors gets a plain no.
        const refusal = call.name === 'GET /v1/verify' ? [401, 'token_invalid'] : [403, 'forbidden'];
        expect([answer.status, answer.body.code]).to.deep.equal(refusal);
        const alive = await office.backend().get(`/v1/sessions/${sid}`);
        expect(alive.body, 'and nothing has happened').to.include({ live: true });
        const { body } = await office.backend().get(`/v1/agents/${encodeURIComponent(target)}`);
        expect(body.available).to.equal(true);
      });
    }
  }

  for (const caller of CALLERS) {
    const mayOpen = caller.who === 'agent';
    const mayWatch = mayOpen && mayCall('view', caller);
    it(`${mayOpen ? 'opens a tab for' : 'opens no tab for'} ${caller.what}, and ${mayWatch ? '' : 'no '}presence`, async () => {
      const tab = cleanup.using(new Tab(office.node.url, tokenOf(caller)));
      if (mayOpen) await tab.next('session');
      else expect(await tab.refused()).to.deep.equal({ code: 'token_invalid' });
      const dashboard = cleanup.using(new Tab(`${office.node.url}/presence`, tokenOf(caller)));
      if (mayWatch) await dashboard.connected();
      else expect((await dashboard.refused()).code).to.equal(mayOpen ? 'forbidden' : 'token_invalid');
    });
  }

  it('gives an agent who forges a permission in what they send nothing', async () => {
    const token = tokenOf(CALLERS[0]!);
    const more = { permissions: ['manage_security'], service: 'true', account: 'acme' };
    for (const call of TOKEN_CALLS.filter(({ needs }) => needs !== 'live')) {
      const answer = await call.make(
        office.node.url,
        token,
        { id: 'target', sid: 'any' },
        {
          query: { permissions: 'manage_security', service: 'true' },
          body: more,
          headers: { 'x-permissions': 'manage_security', 'x-vigil-agent': 'boss' },
        },
      );
      expect([answer.status, answer.body.code], call.name).to.deep.equal([403, 'forbidden']);
    }
  });
});
