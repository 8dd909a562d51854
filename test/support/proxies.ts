import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Child, findProgram, startChild } from './children.ts';
import { PROJECT } from './node-process.ts';
import { freePort, temporaryFolder } from './places.ts';
import { until } from './waiting.ts';

export interface Proxy {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly configFile: string;
  readonly child: Child;
  close(): Promise<unknown>;
}

/** HAProxy with deploy/haproxy.cfg, as it is, in front of these nodes (three at most). */
export async function startBalancer(nodes: readonly { port: number }[]): Promise<Proxy> {
  const port = await freePort();
  const env = Object.fromEntries(
    nodes.map((node, index) => [`VIGIL_NODE_${index + 1}`, `127.0.0.1:${node.port}`]),
  );
  const socket = join(temporaryFolder('haproxy'), 'haproxy.sock');
  const listen = `127.0.0.1:${port}`;
  return startHaproxy(join(PROJECT, 'deploy', 'haproxy.cfg'), port, {
    ...env,
    VIGIL_LISTEN: listen,
    VIGIL_HAPROXY_SOCKET: socket,
  });
}

/** HAProxy with a configuration file that takes its addresses from these variables; `port` is where it is to listen. */
export async function startHaproxy(
  configFile: string,
  port: number,
  env: Record<string, string> = {},
): Promise<Proxy> {
  const child = startChild(findProgram('haproxy'), ['-db', '-f', configFile], { env });
  return listening(child, port, configFile);
}

/** nginx with this configuration. One process in the foreground: a killed master would leave its workers behind. */
export async function startNginx(config: string, port: number): Promise<Proxy> {
  const folder = temporaryFolder('nginx');
  const configFile = join(folder, 'nginx.conf');
  writeFileSync(configFile, config);
  const directives = `daemon off; master_process off; pid ${folder}/nginx.pid;`;
  const child = startChild(findProgram('nginx'), [
    '-p',
    folder,
    '-e',
    'stderr',
    '-c',
    configFile,
    '-g',
    directives,
  ]);
  return listening(child, port, configFile);
}

/** A file of deploy/ with each `${NAME}` in it replaced; a name without a value is a mistake. */
export function renderDeployFile(file: string, values: Record<string, string | number>): string {
  const template = readFileSync(join(PROJECT, 'deploy', file), 'utf8');
  return template.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`deploy/${file} wants a value for ${name}`);
    return String(value);
  });
}

async function listening(child: Child, port: number, configFile: string): Promise<Proxy> {
  await until(() => {
    if (!child.running) throw new Error(`It ended at once:\n${child.lines.join('\n')}`);
    return canConnect(port);
  }, `a proxy on port ${port}`);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid,
    configFile,
    child,
    close: () => child.kill(),
  };
}

export function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
