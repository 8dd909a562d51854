import { expect } from 'chai';
import { isOlderProtocol } from '../../../server/sockets/handshake.ts';
import { PROTOCOL_VERSION } from '../../../shared/protocol.ts';
import { expectDocumentedMessage } from '../../support/api-shapes.ts';
import type { Tab } from '../../support/tab.ts';
import { Desk, HOUR, MINUTE, meanwhile, START } from './desk.ts';

const seconds = (ms: number) => Math.floor(ms / 1_000);

describe('a fresh token on a socket', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
  });
  afterEach(() => desk.close());

  const HOURLY = { sid: 'login-x', exp: seconds(START + HOUR) };
  async function show(
    tab: Tab,
    claims: Record<string, unknown>,
    token = desk.token({ ...HOURLY, ...claims }),
  ) {
    const ack = await desk.say(tab, 'token', { token });
    expectDocumentedMessage('tab', 'token', ack, { isAck: true });
    return ack;
  }

  it('takes the place of its own: it goes on beyond the old end, to the new one', async () => {
    const tab = await desk.tab(HOURLY);
    const exp = seconds(START + 3 * HOUR);
    expect(await show(tab, { exp })).to.deep.equal({ ok: true, expiresAt: exp * 1_000 });
    await desk.pass(2 * HOUR, { stepMs: 10 * MINUTE });
    await meanwhile();
    expect(tab.all('expired')).to.have.length(0);
    await desk.pass(HOUR, { stepMs: 10 * MINUTE });
    await tab.next('expired');
  });

  for (const [what, claims] of [
    ['login', { sid: 'another' }],
    ['agent', { sub: 'bob' }],
    ['account', { account: 'other' }],
  ] as const) {
    it(`is refused where it is of another ${what}, and changes nothing`, async () => {
      const tab = await desk.tab(HOURLY);
      const later = { ...claims, exp: seconds(START + 5 * HOUR) };
      expect(await show(tab, later)).to.deep.equal({ ok: false, code: 'token_invalid' });
      await desk.pass(HOUR, { stepMs: 10 * MINUTE });
      await tab.next('expired');
    });
  }

  it('is refused where it has expired, is forged, of a service, or no token', async () => {
    const tab = await desk.tab(HOURLY);
    const good = desk.token(HOURLY);
    expect(await show(tab, { exp: seconds(START) })).to.include({ code: 'token_expired' });
    expect(await show(tab, {}, `${good.slice(0, -4)}AAAA`)).to.include({ code: 'token_invalid' });
    expect(await show(tab, { service: true, permissions: [] })).to.include({ code: 'token_invalid' });
    for (const payload of [null, {}, { token: '' }, { token: 5 }, good]) {
      expect(await desk.say(tab, 'token', payload)).to.deep.equal({ ok: false, code: 'bad_payload' });
    }
    expect(tab.socket.connected).to.equal(true);
  });

  it('ends the connection of whoever tries many', async () => {
    const tab = await desk.tab(HOURLY);
    for (let tries = 0; tries < 30 && tab.socket.connected; tries += 1) {
      tab.socket.emit('token', { token: `x${tries}` }, () => undefined);
    }
    await tab.disconnected();
    expect(desk.counted.losses).to.include('malformed_connection');
  });

  it('says unavailable while the engine is away, and may be shown again', async () => {
    const tab = await desk.tab(HOURLY);
    desk.between.down({ silently: true });
    const later = { exp: seconds(START + 3 * HOUR) };
    expect(await show(tab, later)).to.deep.equal({ ok: false, code: 'unavailable' });
    desk.between.up({ silently: true });
    expect(await show(tab, later)).to.include({ ok: true });
  });

  it('changes permissions as any newer token does', async () => {
    const tab = await desk.tab(HOURLY);
    await show(tab, { permissions: ['view_presence'], iat: seconds(START) + 1 });
    const dashboard = desk.watch({ ...HOURLY, sub: 'ada', iat: seconds(START) - 1 });
    await dashboard.complete();
  });
});

describe('the protocol that a client speaks', () => {
  it('is older by its first two numbers; nonsense is not', () => {
    expect(['1.0.0', '1.0.9', '0.9.0'].map((version) => isOlderProtocol(version, '1.1.0'))).to.deep.equal([
      true,
      true,
      true,
    ]);
    for (const version of [
      '1.1.0',
      '1.1.7',
      '1.2.0',
      '2.0.0',
      '',
      'x',
      '1.0',
      1,
      null,
      undefined,
      {},
      '1.0.0-a',
    ])
      expect(isOlderProtocol(version, '1.1.0'), String(version)).to.equal(false);
  });

  it('is answered with ours where it is older, and with nothing else', async () => {
    const desk = await Desk.open();
    try {
      const heard = async (protocol: unknown) => {
        const told: unknown[] = [];
        const tab = desk.connect(undefined, { auth: { token: desk.token(), protocol } });
        (tab.socket as unknown as { on(event: string, listener: (message: unknown) => void): void }).on(
          'outdated',
          (message) => told.push(message),
        );
        await tab.next('session');
        return told;
      };
      expect(await heard('1.0.0')).to.deep.equal([{ protocol: PROTOCOL_VERSION }]);
      expect(await heard(PROTOCOL_VERSION)).to.deep.equal([]);
      expect(await heard(undefined)).to.deep.equal([]);
      expect(await heard({ toString: null })).to.deep.equal([]);
    } finally {
      await desk.close();
    }
  });
});
