import { connect } from 'node:net';
import { expect } from 'chai';
import { createLog } from '../../server/log.ts';
import { Office } from '../server/http/office.ts';
import { Dashboard } from '../server/sockets/dashboard.ts';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { openTab } from '../support/tab.ts';
import { agentClaims, sign } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';

/** Names that are something else in JavaScript, in Redis's keys, or in a file system. */
const ODD_IDS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'then',
  '..',
  '/',
  '{x}',
  ':',
  '*',
  '\u2028',
  '\u202e',
  '🙂',
];

describe('an id that means something elsewhere', () => {
  const cleanup = cleanupAfterEach();

  for (const id of ODD_IDS) {
    it(`is an id like any other, as account, agent and sid: ${JSON.stringify(id)}`, async () => {
      const office = cleanup.using(await Office.open());
      const claims = {
        account: id,
        sub: id,
        sid: id,
        name: `N ${id}.`,
        auto_assign: true,
        permissions: ['manage_security'],
      };
      const token = sign(agentClaims(office.clock.now(), claims));
      const tab = cleanup.using(await openTab(office.node.url, token));
      const dashboard = cleanup.using(new Dashboard(`${office.node.url}/presence`, token));
      await dashboard.complete();
      expect([...dashboard.rows.keys()]).to.deep.equal([id]);
      const api = apiOf(office.node.url, token);
      const inPath = encodeURIComponent(id);
      // A path of dots is resolved by every client before it is sent.
      if (id !== '..')
        expect((await api.get(`/v1/agents/${inPath}`)).body).to.include({ id, name: `N ${id}.`, tabs: 1 });
      expect((await api.get('/v1/agents')).body.agents).to.have.length(1);
      expect((await api.get('/v1/agents/available')).body.agents).to.deep.equal([{ id, name: `N ${id}.` }]);
      expect((await api.get(`/v1/audit?agent=${inPath}`)).body.events).to.have.length(1);
      expect((await api.get(`/v1/login-options?account=${inPath}`)).status).to.equal(200);
      await tab.logout();
      await tab.next('ended');
      const isGone = () => {
        office.clock.advance(250);
        return dashboard.ending !== undefined;
      };
      await until(isGone, 'the dashboard to be closed');
      expect((await api.get('/v1/session')).body.code).to.equal('session_ended');
      const other = await office.backend().get('/v1/agents');
      expect(other.body.agents, 'and nothing of another account').to.deep.equal([]);
      expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
    });
  }

  it('is nothing as a key of a query or of a body', async () => {
    const office = cleanup.using(await Office.open());
    const manager = office.manager();
    for (const key of ['__proto__', 'constructor', '__proto__[state]', 'constructor.prototype']) {
      const answer = await manager.get(`/v1/agents?${encodeURIComponent(key)}=active&limit=10`);
      expect(answer.status, key).to.equal(200);
    }
    for (const path of [
      '/v1/agents?state=__proto__',
      '/v1/audit?type=constructor',
      '/v1/presence/history?range=toString',
    ])
      expect((await manager.get(path)).body.code, path).to.equal('bad_request');
    const body = JSON.parse(
      '{"timeoutSeconds":3600,"rememberMe":{"agent":true,"requester":true},"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}',
    );
    expect((await manager.put('/v1/policy', body)).status).to.equal(200);
    expect(({} as Record<string, unknown>).admin).to.equal(undefined);
  });
});

describe('a line of the log', () => {
  const cleanup = cleanupAfterEach();

  it('is one line of JSON, whatever is in a name, an id, a header or a path', async () => {
    const lines: string[] = [];
    const log = createLog('debug', { write: (line) => void lines.push(line) });
    const office = cleanup.using(await Office.open({}, { log }));
    const forged = '{"level":30,"msg":"listening"}';
    const odd = `\u2028${forged}\u2029`;
    const agent = office.agent({
      sub: odd,
      account: odd,
      name: `${forged}\n${forged}\u001b[2J`,
      permissions: ['manage_security'],
    });
    await agent.get('/v1/session', { 'x-request-id': 'a b', 'user-agent': forged });
    await agent.put('/v1/policy', { timeoutSeconds: forged, rememberMe: forged });
    await agent.delete('/v1/session');
    const raw = connect(office.node.port, '127.0.0.1');
    raw.write(
      `GET /${encodeURIComponent(`\r\n${forged}`)} HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${forged}\r\nConnection: close\r\n\r\n`,
    );
    await new Promise((resolve) => raw.resume().once('close', resolve));
    expect(lines.length).to.be.greaterThan(3);
    for (const line of lines) {
      expect(line.endsWith('\n')).to.equal(true);
      expect(line.slice(0, -1)).to.not.match(/\p{Cc}/u);
      expect(JSON.parse(line).msg).to.not.equal('listening');
    }
  });
});

describe('an export of the audit log', () => {
  const cleanup = cleanupAfterEach();
  const FORMULAS = [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    ' =1',
    '＝1',
    '|calc',
    '%0A=1',
    '"=1"',
    '=HYPERLINK("http://evil.example","x")',
    "=cmd|' /C calc'!A0",
  ];

  it('has no cell that a spreadsheet computes, in whatever column an id stands', async () => {
    const office = cleanup.using(await Office.open());
    for (const sub of FORMULAS) await office.agent({ sub, sid: `sid ${sub}` }).get('/v1/session');
    // Who did it stands in the log as well.
    for (const sub of FORMULAS)
      await office
        .agent({ sub, sid: `manager ${sub}`, permissions: ['manage_security'] })
        .post('/v1/agents/nobody/sign-out');
    const { body } = await office.manager().get('/v1/audit', { accept: 'text/csv' });
    const rows = String(body).split('\r\n').slice(1, -1);
    expect(rows.length).to.be.at.least(FORMULAS.length);
    for (const row of rows) {
      const cells = [...row.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, cell]) =>
        cell!.replaceAll('""', '"'),
      );
      expect(cells).to.have.length(7);
      for (const cell of cells) expect(cell, row).to.not.match(/^\s*[=+\-@|%＝]/);
    }
    for (const formula of FORMULAS.filter((text) => !text.includes('"')))
      expect(String(body)).to.include(formula);
  });
});
