import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, findProgram, startChild } from '../../support/children.ts';
import { PROJECT } from '../../support/node-process.ts';
import { temporaryFolder } from '../../support/places.ts';
import { until } from '../../support/waiting.ts';
import { HUB } from './network.ts';

export const BALANCER_PORT = 8_080;
/** How long tabs stay on a process that a reload has replaced. */
const HARD_STOP = 'hard-stop-after 4s';

export interface Balancer {
  readonly url: string;
  /** A new process takes over; tabs that the old one carries are cut off some seconds later. */
  reload(): void;
  close(): Promise<unknown>;
}

/** HAProxy with deploy/haproxy.cfg; it also names the node in each answer, so that the history can tell. */
export async function startBalancer(nodes: readonly string[]): Promise<Balancer> {
  const folder = temporaryFolder('chaos-haproxy');
  const config = readFileSync(join(PROJECT, 'deploy', 'haproxy.cfg'), 'utf8');
  const told = config.replace('global\n', `global\n    ${HARD_STOP}\n`);
  const file = join(folder, 'haproxy.cfg');
  const last = config.trimEnd().split('\n').at(-1)!;
  if (!told.includes(HARD_STOP) || !last.includes('server node3'))
    throw new Error('deploy/haproxy.cfg is no longer what the chaos run builds on');
  writeFileSync(file, `${told.trimEnd()}\n    http-response set-header X-Node %s\n`);
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    VIGIL_LISTEN: `${HUB}:${BALANCER_PORT}`,
    VIGIL_HAPROXY_SOCKET: join(folder, 'haproxy.sock'),
  };
  for (const [index, address] of nodes.entries()) env[`VIGIL_NODE_${index + 1}`] = address;
  const child: Child = startChild(findProgram('haproxy'), ['-W', '-db', '-f', file], { env });
  const url = `http://${HUB}:${BALANCER_PORT}`;
  await until(
    async () => {
      if (!child.running) throw new Error(`HAProxy ended at once:\n${child.lines.join('\n')}`);
      return (await fetch(`${url}/healthz`).catch(() => null))?.ok;
    },
    () => `the balancer, which wrote:\n${child.lines.join('\n')}`,
  );
  return { url, reload: () => child.signal('SIGUSR2'), close: () => child.kill('SIGTERM') };
}
