import { expect } from 'chai';
import { createOriginCheck, parseOrigin } from '../../server/origins.ts';

describe('origins', () => {
  const sameOrigin = createOriginCheck([]);
  const listing = createOriginCheck(['https://desk.example', 'http://localhost:8080']);

  it('leaves a request without an Origin to its token', () => {
    expect(sameOrigin({ host: 'vigil.example' })).to.equal(true);
    expect(sameOrigin({})).to.equal(true);
  });

  it('takes the own host and port for the same origin, whatever the scheme: TLS may end at a proxy', () => {
    for (const [origin, host] of [
      ['http://127.0.0.1:3000', '127.0.0.1:3000'],
      ['https://vigil.example', 'vigil.example'],
      ['https://vigil.example', 'VIGIL.example'],
      ['https://vigil.example', 'vigil.example:443'],
      ['http://vigil.example', 'vigil.example:80'],
      ['https://vigil.example:8443', 'vigil.example:8443'],
      ['http://[::1]:3000', '[::1]:3000'],
      ['https://xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ] as const) {
      expect(sameOrigin({ origin, host }), `${origin} at ${host}`).to.equal(true);
    }
  });

  it('refuses every other origin', () => {
    for (const [origin, host] of [
      ['https://evil.example', 'vigil.example'],
      ['https://vigil.example.evil.example', 'vigil.example'],
      ['https://evilvigil.example', 'vigil.example'],
      ['https://sub.vigil.example', 'vigil.example'],
      ['http://127.0.0.1:3001', '127.0.0.1:3000'],
      ['http://127.0.0.1', '127.0.0.1:3000'],
      ['http://127.0.0.1:3000', '127.0.0.1'],
      ['http://vigil.example', 'vigil.example:443'],
      ['http://localhost:3000', '127.0.0.1:3000'],
    ] as const) {
      expect(sameOrigin({ origin, host }), `${origin} at ${host}`).to.equal(false);
    }
  });

  it('refuses null and what no browser would write', () => {
    for (const origin of [
      'null',
      '',
      'vigil.example',
      'https://vigil.example/',
      'https://vigil.example/path',
      'HTTPS://VIGIL.EXAMPLE',
      'https://vigil.example:443',
      'https://user@vigil.example',
      'https://vigil.example, https://desk.example',
      'file://',
      'chrome-extension://abcdefgh',
      'javascript:alert(1)',
    ]) {
      expect(sameOrigin({ origin, host: 'vigil.example' }), origin).to.equal(false);
      expect(listing({ origin, host: 'vigil.example' }), origin).to.equal(false);
    }
  });

  it('is not fooled by a strange Host', () => {
    for (const host of [
      undefined,
      '',
      '@vigil.example',
      'vigil.example@evil.example',
      'vigil.example/',
      'vigil.example:',
      ':80',
      '[',
      '::1',
    ]) {
      expect(sameOrigin({ origin: 'https://vigil.example', host }), String(host)).to.equal(false);
    }
  });

  it('lets in the pages of listed origins, exactly those, and still its own', () => {
    const host = 'vigil.example';
    expect(listing({ origin: 'https://desk.example', host })).to.equal(true);
    expect(listing({ origin: 'http://localhost:8080', host })).to.equal(true);
    expect(listing({ origin: 'https://vigil.example', host })).to.equal(true);
    for (const origin of [
      'http://desk.example',
      'https://desk.example:8443',
      'https://a.desk.example',
      'http://localhost',
    ]) {
      expect(listing({ origin, host }), origin).to.equal(false);
    }
  });

  it('reads an origin from a setting as a browser writes it', () => {
    expect(parseOrigin('https://Desk.Example:443/')).to.equal('https://desk.example');
    expect(parseOrigin('http://localhost:8080')).to.equal('http://localhost:8080');
    for (const text of [
      '*',
      'desk.example',
      'https://desk.example/app',
      'https://desk.example?x',
      'ftp://desk.example',
      'null',
      '',
    ]) {
      expect(parseOrigin(text), text).to.equal(undefined);
    }
  });
});
