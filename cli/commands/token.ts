import { randomUUID } from 'node:crypto';
import { PERMISSIONS, type Permission } from '../../server/engine/engine.ts';
import { parseDuration } from '../../shared/durations.ts';
import { type Command, SERVER_OPTIONS } from '../command.ts';
import { usage } from '../exit.ts';
import { signerFrom } from '../signer.ts';

export const token: Command = {
  name: 'token',
  summary: 'mint a token for trying things out',
  usage: 'token --account ID (--agent ID | --service) [--permission NAME]…',
  options: {
    account: SERVER_OPTIONS.account,
    agent: { type: 'string', value: 'ID', help: 'a new login of this agent' },
    service: { type: 'boolean', help: "speaks for the host's own back end" },
    name: { type: 'string', value: 'TEXT', help: 'as shown on the dashboard' },
    session: { type: 'string', value: 'TEXT', help: 'the same text is the same login; default a new one' },
    permission: { type: 'string', multiple: true, value: 'NAME', help: 'manage_security or view_presence' },
    'auto-assign': { type: 'boolean', help: 'takes part in auto-assignment' },
    for: { type: 'string', value: 'DURATION', help: 'how long it is good, as 10m or 1h; default 1h' },
  },
  notes:
    'Signs with VIGIL_JWT_SECRET. Whoever holds the token is that agent: it is for trying, not for production.',
  async run(terminal, values) {
    const account = values.account ?? terminal.env.VIGIL_ACCOUNT;
    if (account === undefined) throw usage('Which account? Name it with --account or VIGIL_ACCOUNT.');
    if ((values.agent === undefined) === (values.service !== true))
      throw usage('One of --agent and --service.');
    const lifetimeMs = parseDuration(values.for ?? '1h');
    if (lifetimeMs === undefined || lifetimeMs < 1_000) throw usage('--for takes a duration of at least 1s.');
    const permissions = ((values.permission ?? []) as string[]).map(permissionOf);
    const signer = signerFrom(terminal.env, Math.floor(lifetimeMs / 1_000));
    const minted = values.service
      ? signer.forService(account, permissions)
      : signer.forAgent({
          agent: values.agent,
          account,
          sessionId: values.session ?? randomUUID(),
          loginAt: Date.now(),
          permissions,
          autoAssign: values['auto-assign'] === true,
          ...(values.name === undefined ? {} : { name: values.name }),
        });
    terminal.out(`${minted}\n`);
  },
};

/** The server passes over what it does not know, as it must; who types it here has mistyped. */
function permissionOf(name: string): Permission {
  const known = PERMISSIONS.find((permission) => permission === name);
  if (known === undefined) throw usage(`There is no permission '${name}': ${PERMISSIONS.join(' or ')}.`);
  return known;
}
