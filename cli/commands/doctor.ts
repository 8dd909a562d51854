import { ConfigRefused, readConfig } from '../../server/config.ts';
import { parseOrigin } from '../../server/origins.ts';
import { unknownSettings } from '../../server/unknown-settings.ts';
import { type Command, SERVER_OPTIONS } from '../command.ts';
import { type Finding, SIGNS } from '../doctor/finding.ts';
import { checkRedis } from '../doctor/redis.ts';
import { checkServer } from '../doctor/server.ts';
import { CommandFailed, EXIT, usage } from '../exit.ts';
import { serverUrl } from '../server.ts';

export const doctor: Command = {
  name: 'doctor',
  summary: 'check settings, Redis and a running server, and say what to do',
  usage: 'doctor [--url URL] [--account ID] [--origin ORIGIN]',
  options: {
    ...SERVER_OPTIONS,
    origin: { type: 'string', value: 'ORIGIN', help: 'the origin of your pages, as https://desk.example' },
  },
  notes:
    'Run it with the settings of the server in the environment. It changes nothing; what it asks, it signs like your host.\nExits with 78 where there is something to mend, with 69 where all that is wrong is that nobody answers.',
  async run(terminal, values) {
    const { env } = terminal;
    const origin = values.origin === undefined ? undefined : parseOrigin(values.origin);
    if (values.origin !== undefined && origin === undefined)
      throw usage('--origin takes an origin, as https://desk.example.');
    const server = {
      url: serverUrl(values, env),
      isNamed: (values.url ?? env.VIGIL_URL) !== undefined,
      origin,
      account: values.account ?? env.VIGIL_ACCOUNT,
    };
    const findings = [
      ...checkSettings(env),
      ...(await checkRedis(env.REDIS_URL)),
      ...(await checkServer(server, env)),
    ];
    for (const { level, what, advice } of findings) {
      terminal.out(`${SIGNS[level]}  ${what}\n${advice === undefined ? '' : `      → ${advice}\n`}`);
    }
    const bad = findings.filter(({ level }) => level === 'bad');
    const code = bad.every(({ away }) => away === true) ? EXIT.unavailable : EXIT.config;
    if (bad.length > 0) throw new CommandFailed(`${bad.length} to mend.`, code);
  },
};

function checkSettings(env: NodeJS.ProcessEnv): Finding[] {
  return [...judgeSettings(env), ...unknownSettings(env).map((what): Finding => ({ level: 'odd', what }))];
}

function judgeSettings(env: NodeJS.ProcessEnv): Finding[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const node: Finding =
    major > 20 || (major === 20 && minor >= 19)
      ? { level: 'good', what: `Node ${process.versions.node}` }
      : { level: 'bad', what: `Node ${process.versions.node}`, advice: 'Vigil needs 20.19 or newer.' };
  try {
    const config = readConfig(env);
    return [node, { level: 'good', what: 'settings parse' }, ...demoFinding(config.demo !== null)];
  } catch (error) {
    if (!(error instanceof ConfigRefused)) throw error;
    const faults = error.faults.map(
      ({ variable, problem }): Finding => ({ level: 'bad', what: `${variable}: ${problem}` }),
    );
    return [node, ...faults];
  }
}

function demoFinding(demo: boolean): Finding[] {
  const advice = 'Set VIGIL_JWT_SECRET or VIGIL_JWT_PUBLIC_KEY; the demo is then off.';
  return demo ? [{ level: 'odd', what: 'the demo desk would run', advice }] : [];
}
