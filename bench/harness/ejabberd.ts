import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, startChild } from '../../test/support/children.ts';
import { freePort, temporaryFolder } from '../../test/support/places.ts';
import { canConnect } from '../../test/support/proxies.ts';
import { until } from '../../test/support/waiting.ts';

const LIBRARIES = '/usr/lib/x86_64-linux-gnu';

export interface Ejabberd {
  readonly pid: number;
  readonly url: string;
  close(): Promise<unknown>;
}

/**
 * ejabberd as Debian packages it, with as little to do as it can have: anonymous logins, no modules, no roster, so that a
 * presence goes nowhere but through its session. Loopback only; no name among Erlang nodes, so no epmd.
 */
export async function startEjabberd(): Promise<Ejabberd> {
  if (!existsSync(join(LIBRARIES, 'ejabberd-23.01')))
    throw new Error('Not installed: apt-get install ejabberd');
  const folder = temporaryFolder('ejabberd');
  const port = await freePort();
  const settings = {
    hosts: ['localhost'],
    loglevel: 'error',
    listen: [
      { ip: '127.0.0.1', port, module: 'ejabberd_http', request_handlers: { '/ws': 'ejabberd_http_ws' } },
    ],
    auth_method: ['anonymous'],
    anonymous_protocol: 'sasl_anon',
    modules: {},
  };
  const file = join(folder, 'ejabberd.yml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(settings));
  const child = startChild(
    findProgram('erl'),
    ['-noinput', '+K', 'true', '+P', '250000', '-mnesia', 'dir', `"${folder}"`, '-s', 'ejabberd'],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        ERL_LIBS: LIBRARIES,
        EJABBERD_CONFIG_PATH: file,
        EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
      },
    },
  );
  await until(() => canConnect(port), 'ejabberd', { timeoutMs: 30_000, everyMs: 200 });
  return { pid: child.pid, url: `ws://127.0.0.1:${port}/ws`, close: () => child.kill() };
}
