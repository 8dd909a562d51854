import { expect } from 'chai';
import { run } from '../../cli/main.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { openTab } from '../support/tab.ts';
import { SECRET, signToken } from '../support/tokens.ts';

describe('the command line', () => {
  let vigil: VigilProcess;
  before(async () => {
    vigil = await startVigil();
  });
  after(() => vigil.close());

  /** Runs a command as a shell would, against the running node. */
  async function vigilCli(...args: string[]) {
    let out = '';
    let err = '';
    const env = { VIGIL_JWT_SECRET: SECRET, VIGIL_URL: vigil.url, VIGIL_ACCOUNT: 'acme' };
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
  });

  it('says what is wrong with a call, how it should be, and exits with 64', async () => {
    const unknown = await vigilCli('agents', '--stat', 'idle');
    expect(unknown.code).to.equal(64);
    expect(unknown.err).to.match(/^Unknown option '--stat'\.\nUsage: vigil agents /);
    expect((await vigilCli('sign-out')).err).to.include('Usage: vigil sign-out AGENT…');
    expect((await vigilCli('no-such')).err).to.include("no command 'no-such'");
    expect((await vigilCli('policy', '--remember-agents', 'maybe')).code).to.equal(64);
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

  it('passes on why the server refuses', async () => {
    const { code, err } = await vigilCli('policy', '--timeout', '1m');
    expect(code).to.equal(1);
    expect(err).to.include('out_of_range');
  });

  it('reads the audit log', async () => {
    const { out } = await vigilCli('audit', '--type', 'policy.changed', '--limit', '1', '--json');
    expect(JSON.parse(out)).to.have.length(1);
    expect((await vigilCli('audit', '--limit', '5')).out).to.match(/WHEN +WHAT +AGENT +MORE/);
  });

  it('finds a healthy server healthy, and says what keeps a foreign page out', async () => {
    expect(await vigilCli('doctor', '--url', vigil.url)).to.include({ code: 0 });
    const foreign = await vigilCli('doctor', '--url', vigil.url, '--origin', 'https://desk.example');
    expect(foreign.code).to.equal(78);
    expect(foreign.out).to.include('Add https://desk.example to VIGIL_ALLOWED_ORIGINS');
  });

  it('exits with 69 where nobody answers', async () => {
    const { code, err } = await vigilCli('agents', '--url', 'http://127.0.0.1:9');
    expect(code).to.equal(69);
    expect(err).to.include('No Vigil answers');
  });
});
