import { expect } from 'chai';
import { loginAddress } from '../../client/sdk/leaving.ts';

const here = (path: string) => new URL(path, 'https://desk.example');
const queryOf = (address: string) => Object.fromEntries(new URL(address).searchParams);

describe('The way to the login page', () => {
  it('carries why, and the way back as a path', () => {
    const address = loginAddress('/login', here('/tickets/7?view=mine#reply'), 'timeout');
    expect(address).to.match(/^https:\/\/desk\.example\/login\?/);
    expect(queryOf(address)).to.deep.equal({ reason: 'timeout', return: '/tickets/7?view=mine#reply' });
  });

  it('keeps what the address says already', () => {
    expect(queryOf(loginAddress('/login?area=agents', here('/a'), 'admin'))).to.include({ area: 'agents' });
  });

  it('never names a way back that browsers read as another host', () => {
    for (const path of ['//evil.example/x', '///evil.example/x', '/\\evil.example/x']) {
      const url = new URL(`https://desk.example${path}`);
      const back = queryOf(loginAddress('/login', url, 'timeout')).return!;
      expect(new URL(back, 'https://desk.example').origin, path).to.equal('https://desk.example');
    }
  });

  it('carries the whole address where the login page is elsewhere', () => {
    const address = loginAddress('https://sso.example/login', here('/tickets'), 'timeout');
    expect(queryOf(address).return).to.equal('https://desk.example/tickets');
  });

  it('has no way back after a sign-out on purpose', () => {
    expect(queryOf(loginAddress('/login', here('/tickets'), 'logout'))).to.deep.equal({ reason: 'logout' });
  });
});
