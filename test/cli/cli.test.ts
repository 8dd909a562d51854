import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { token } from '../../cli/commands/token.ts';
import { run } from '../../cli/main.ts';
import { PROJECT, startVigil, type VigilProcess } from '../support/node-process.ts';
import { openTab } from '../support/tab.ts';
import { SECRET, signToken } from '../support/tokens.ts';
import { startReceiver, WEBHOOK_SECRET } from '../support/webhook-receiver.ts';

const OTHER_SECRET = 'another secret of thirty-two bytes or so';

describe('the command line', () => {
  let vigil: VigilProcess;
  before(async () => {
    vigil = await startVigil();
  });
  after(() => vigil.close());

  /** Runs a command as a shell would, against the running node. */
  const vigilCli = (...args: string[]) => vigilCliWith({}, ...args);

  /** The same with other settings; undefined where one is not to be set. */
  async function vigilCliWith(settings: Record<string, string | undefined>, ...args: string[]) {
    let out = '';
    let err = '';
    const usual = { VIGIL_JWT_SECRET: SECRET, VIGIL_URL: vigil.url, VIGIL_ACCOUNT: 'acme' };
    const env = Object.fromEntries(
      Object.entries({ ...usual, ...settings }).filter(([, value]) => value !== undefined),
    ) as Record<string, string>;
    const terminal = {
      out: (text: string) => {
        out += text;
      },
      env,
      width: null,
      interrupted: Promise.resolve(),
    };
    const code = await run(args, terminal, (text) => {
      err += text;
    });
    return { code, out, err };
  }

  it('lists its commands, and says with 64 that a call without one is none', async () => {
    const { code, out } = await vigilCli();
    expect(code).to.equal(64);
    for (const name of [
      'start',
      'token',
      'agents',
      'watch',
      'sign-out',
      'policy',
      'audit',
      'dead-letters',
      'doctor',
    ]) {
      expect(out).to.include(`  ${name} `);
    }
  });

  it('explains a command, by help and by --help alike', async () => {
    const byHelp = await vigilCli('help', 'policy');
    const byOption = await vigilCli('policy', '--help');
    expect(byHelp.out).to.include('--timeout DURATION').and.to.equal(byOption.out);
    expect((await vigilCli('help', 'start')).out, 'no gap where there are no options').to.not.include(
      '\n\n\n',
    );
  });

  it('says which version it is', async () => {
    const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
    expect(await vigilCli('--version')).to.deep.equal({ code: 0, out: `${version}\n`, err: '' });
  });

  it('says what is wrong with a call, how it should be, and exits with 64', async () => {
    const unknown = await vigilCli('agents', '--stat', 'idle');
    expect(unknown.code).to.equal(64);
    expect(unknown.err).to.match(/^Unknown option '--stat'\.\nUsage: vigil agents /);
    expect((await vigilCli('sign-out')).err).to.include('Usage: vigil sign-out AGENT…');
    expect((await vigilCli('no-such')).err).to.include("no command 'no-such'");
    expect((await vigilCli('policy', '--remember-agents', 'maybe')).code).to.equal(64);
    expect(await vigilCli('token', '--agent', 'ann', '--permission', 'root')).to.deep.include({
      code: 64,
      out: '',
      err: `There is no permission 'root': manage_security or view_presence.\nUsage: vigil ${token.usage}\n`,
    });
  });

  it('mints a token that the server takes', async () => {
    const { out } = await vigilCli('token', '--agent', 'minted', '--for', '5m');
    const answer = await fetch(`${vigil.url}/v1/session`, {
      headers: { authorization: `Bearer ${out.trim()}` },
    });
    expect(await answer.json()).to.include({ agent: 'minted', account: 'acme', state: 'active' });
  });

  it('shows who is here, watches once, and signs an agent out', async () => {
    const tab = await openTab(vigil.url, signToken({ sub: 'cara\u202e', name: 'Cara' }));
    const listed = await vigilCli('agents');
    expect(listed.out)
      .to.match(/AGENT +NAME/)
      .and.to.include('Cara');
    expect(listed.out, 'what would turn the line around is not passed on').to.not.include('\u202e');
    expect((await vigilCli('watch')).out)
      .to.include('acme · ')
      .and.to.include('Cara');
    expect(await vigilCli('sign-out', 'nobody')).to.include({ code: 1 });

    const plain = await openTab(vigil.url, signToken({ sub: 'dora' }));
    expect(await vigilCli('sign-out', 'dora')).to.include({ code: 0, out: 'dora is signed out.\n' });
    expect((await plain.next('ended')).message.reason).to.equal('admin');
    tab.close();
  });

  it('changes what is named of the policy, and nothing else', async () => {
    expect((await vigilCli('policy', '--timeout', '8h')).out).to.include('8 h (28800 s)');
    const { out } = await vigilCli('policy', '--remember-agents', 'no', '--json');
    expect(JSON.parse(out)).to.deep.include({
      timeoutSeconds: 28_800,
      rememberMe: { agent: false, requester: true },
    });
  });

  it('says what timeouts the server takes', async () => {
    const { code, err } = await vigilCli('policy', '--timeout', '1m');
    expect(code).to.equal(1);
    expect(err).to.equal('out_of_range: --timeout takes 15m to 30d on this server.\n');
  });

  it('passes on why the server refuses', async () => {
    const { code, err } = await vigilCliWith({ VIGIL_JWT_SECRET: OTHER_SECRET }, 'policy');
    expect(code).to.equal(77);
    expect(err).to.equal('401 token_invalid: The token was refused: invalid signature.\n');
    const none = await vigilCliWith({ VIGIL_JWT_SECRET: undefined }, 'policy');
    expect(none.code).to.equal(78);
    expect(none.err).to.include('VIGIL_DEMO=1');
  });

  it('reads the audit log', async () => {
    const { out } = await vigilCli('audit', '--type', 'policy.changed', '--limit', '1', '--json');
    expect(JSON.parse(out)).to.have.length(1);
    expect((await vigilCli('audit', '--limit', '5')).out).to.match(/WHEN +WHAT +AGENT +WHY/);
    expect((await vigilCli('audit', '--type', 'policy.changed')).out).to.match(
      /policy\.changed +1 d → 8 h by host/,
    );
  });

  it('finds a healthy server healthy, and says what keeps a foreign page out', async () => {
    const healthy = await vigilCli('doctor', '--url', vigil.url);
    expect(healthy).to.include({ code: 0 });
    expect(healthy.out).to.include(' ok   it takes tokens signed with this VIGIL_JWT_SECRET\n');
    const own = await vigilCli('doctor', '--url', vigil.url, '--origin', `${vigil.url}/`);
    expect(own.out, 'a slash at the end does no harm').to.include(`pages of ${vigil.url} may call it`);
    expect((await vigilCli('doctor', '--origin', 'desk.example')).code).to.equal(64);
    const foreign = await vigilCli('doctor', '--url', vigil.url, '--origin', 'https://desk.example');
    expect(foreign.code).to.equal(78);
    expect(foreign.out).to.include('Add https://desk.example to VIGIL_ALLOWED_ORIGINS');
  });

  it('finds that the server has another secret, and does not take a good token for all of them', async () => {
    const other = await vigilCliWith({ VIGIL_JWT_SECRET: OTHER_SECRET }, 'doctor');
    expect(other.code).to.equal(78);
    expect(other.out).to.include('BAD   the server refuses tokens signed with this VIGIL_JWT_SECRET: ');
    expect(other.out).to.include('need the same secret');
    const issuer = await vigilCliWith({ VIGIL_JWT_SECRET: undefined, VIGIL_TOKEN: 'guess' }, 'doctor');
    expect(issuer.out).to.include('BAD   the server refuses this VIGIL_TOKEN: ');
    const none = await vigilCliWith({ VIGIL_JWT_SECRET: undefined }, 'doctor');
    expect(none.out).to.include('note  tokens are not checked');
  });

  it('finds misspelt settings, a server without the webhooks that are set, and one that is away', async () => {
    const { code, out } = await vigilCliWith({ VIGIL_MINTIMEOUT: '1m' }, 'doctor');
    expect(code, 'a misspelt one refuses nobody').to.equal(0);
    expect(out).to.include('note  VIGIL_MINTIMEOUT is not a setting; did you mean VIGIL_MIN_TIMEOUT?');
    const webhooks = {
      VIGIL_WEBHOOK_URL: 'https://desk.example/hooks',
      VIGIL_WEBHOOK_SECRET: WEBHOOK_SECRET,
    };
    const silent = await vigilCliWith(webhooks, 'doctor');
    expect(silent.code).to.equal(78);
    expect(silent.out).to.include('BAD   it sends no webhooks');
    const away = await vigilCli('doctor', '--url', 'http://127.0.0.1:9');
    expect(away.code).to.equal(69);
    expect(away.out).to.include('no answer from http://127.0.0.1:9/healthz');
  });

  it('finds a receiver of webhooks that takes none', async () => {
    const receiver = await startReceiver();
    receiver.reply = 400;
    const webhook = { VIGIL_WEBHOOK_URL: receiver.url, VIGIL_WEBHOOK_SECRET: WEBHOOK_SECRET };
    const node = await startVigil({ ...webhook, VIGIL_METRICS_TOKEN: 'let-me-see' });
    try {
      await fetch(`${node.url}/v1/session`, { headers: { authorization: `Bearer ${signToken()}` } });
      const line = await node.waitForLog(({ error }) => error !== undefined, 'a refused webhook');
      expect(line.error).to.equal('answered 400 (does the receiver have the same VIGIL_WEBHOOK_SECRET?)');
      const { out } = await vigilCliWith(
        { ...webhook, VIGIL_METRICS_TOKEN: 'let-me-see' },
        'doctor',
        '--url',
        node.url,
      );
      expect(out).to.match(/(note|BAD ) {2}.*attempts .*failed since it started/);
      const blind = await vigilCliWith(webhook, 'doctor', '--url', node.url);
      expect(blind.out).to.include('note  webhooks are not checked');
    } finally {
      await node.close();
      await receiver.close();
    }
  });

  it('exits with 69 where nobody answers', async () => {
    const { code, err } = await vigilCli('agents', '--url', 'http://127.0.0.1:9');
    expect(code).to.equal(69);
    expect(err).to.include('No Vigil answers');
  });
});
