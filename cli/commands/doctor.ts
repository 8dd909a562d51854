import { ConfigRefused, readConfig } from '../../server/config.ts';
import type { Command } from '../command.ts';
import { type Finding, SIGNS } from '../doctor/finding.ts';
import { checkRedis } from '../doctor/redis.ts';
import { checkServer } from '../doctor/server.ts';
import { CommandFailed, EXIT } from '../exit.ts';

export const doctor: Command = {
  name: 'doctor',
  summary: 'check settings, Redis and a running server, and say what to do',
  usage: 'doctor [--url URL] [--origin ORIGIN]',
  options: {
    url: { type: 'string', value: 'URL', help: 'a running server, as browsers reach it; default VIGIL_URL' },
    origin: { type: 'string', value: 'ORIGIN', help: 'the origin of your pages, as https://desk.example' },
  },
  notes: 'Run it with the settings of the server in the environment. It changes nothing.',
  async run(terminal, values) {
    const url: string | undefined = values.url ?? terminal.env.VIGIL_URL;
    const findings = [
      ...checkSettings(terminal.env),
      ...(await checkRedis(terminal.env.REDIS_URL)),
      ...(url === undefined ? [] : await checkServer(url.replace(/\/+$/, ''), values.origin)),
    ];
    for (const { level, what, advice } of findings) {
      terminal.out(`${SIGNS[level]}  ${what}\n${advice === undefined ? '' : `      → ${advice}\n`}`);
    }
    const bad = findings.filter(({ level }) => level === 'bad').length;
    if (bad > 0) throw new CommandFailed(`${bad} to mend.`, EXIT.config);
  },
};

function checkSettings(env: NodeJS.ProcessEnv): Finding[] {
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
