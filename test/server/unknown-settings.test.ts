import { expect } from 'chai';
import { readConfig } from '../../server/config.ts';
import type { Environment } from '../../server/environment.ts';
import { SETTINGS, unknownSettings } from '../../server/unknown-settings.ts';
import { SECRET } from '../support/tokens.ts';

describe('variables that are no settings', () => {
  it('are those that are not read', () => {
    const asked = new Set<string>();
    const env = new Proxy<Environment>(
      { VIGIL_JWT_SECRET: SECRET },
      {
        get(variables, name) {
          asked.add(String(name));
          return variables[String(name)];
        },
      },
    );
    readConfig(env);
    expect([...asked].sort()).to.deep.equal([...SETTINGS].sort());
  });

  it('are named, with what was probably meant', () => {
    const misspelt = [
      'VIGIL_MINTIMEOUT',
      'VIGIL_REDIS_URL',
      'vigil_demo',
      'VIGIL_JWT_SECRTE',
      'VIGIL_COLOUR',
    ];
    expect(unknownSettings(Object.fromEntries(misspelt.map((name) => [name, 'x'])))).to.deep.equal([
      'VIGIL_COLOUR is not a setting',
      'VIGIL_JWT_SECRTE is not a setting; did you mean VIGIL_JWT_SECRET?',
      'VIGIL_MINTIMEOUT is not a setting; did you mean VIGIL_MIN_TIMEOUT?',
      'VIGIL_REDIS_URL is not a setting; did you mean REDIS_URL?',
      'vigil_demo is not a setting; did you mean VIGIL_DEMO?',
    ]);
  });

  it('are not what others read, or what Kubernetes and Docker set', () => {
    const settings = Object.fromEntries(SETTINGS.map((name) => [name, 'x']));
    const others = {
      VIGIL_URL: 'https://vigil.example',
      VIGIL_ACCOUNT: 'acme',
      VIGIL_TOKEN: 'token',
      VIGIL_NODE_1: '10.0.0.1:3000',
      VIGIL_SERVICE_HOST: '10.0.0.1',
      VIGIL_SERVICE_PORT_HTTP: '3000',
      VIGIL_PORT: 'tcp://10.0.0.1:3000',
      VIGIL_PORT_3000_TCP_ADDR: '10.0.0.1',
      VIGIL_REDIS_SERVICE_HOST: '10.0.0.2',
      HOME: '/root',
    };
    expect(unknownSettings({ ...settings, ...others })).to.deep.equal([]);
  });
});
