import { type Clock, systemClock } from '../../../server/clock.ts';
import { readConfig } from '../../../server/config.ts';
import type { Engine } from '../../../server/engine/engine.ts';
import { createLog } from '../../../server/log.ts';
import { startNode, type VigilNode } from '../../../server/node.ts';
import { SECRET, signToken, type TestClaims } from '../tokens.ts';
import { type HostPage, startHostPage } from './host-page.ts';

export const ACCOUNT = 'tidewater';
export const ADMIN: TestClaims = {
  sub: 'mara',
  account: ACCOUNT,
  name: 'Mara Lindqvist',
  permissions: ['manage_security'],
};

/** A node with the dashboard, and a host's page of another origin that embeds it. */
export interface Stage {
  node: VigilNode;
  engine: Engine;
  host: HostPage;
  clock: ShiftedClock;
  /** Who sits in front of the page from now on. */
  signIn(claims?: TestClaims): void;
  close(): Promise<void>;
}

/** The system's clock, moved by `shift`: so that a test's past can be played before it begins. */
export interface ShiftedClock extends Clock {
  shift: number;
}

function shiftedClock(): ShiftedClock {
  const clock: ShiftedClock = {
    shift: 0,
    now: () => systemClock.now() + clock.shift,
    monotonic: systemClock.monotonic,
    after: systemClock.after,
  };
  return clock;
}

/** `startedAgo`: how long before now its clock begins, for what is to be played first. */
export async function openStage(env: Record<string, string> = {}, startedAgo = 0): Promise<Stage> {
  const host = await startHostPage();
  const clock = shiftedClock();
  clock.shift = -startedAgo;
  const config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    VIGIL_JWT_SECRET: SECRET,
    VIGIL_DATA_DIR: 'none',
    VIGIL_ALLOWED_ORIGINS: host.origin,
    ...env,
  });
  const node = await startNode(config, { clock, log: createLog('error') });
  host.dashboard = `${node.url}/dashboard/`;
  return {
    node,
    engine: node.engine,
    host,
    clock,
    signIn(claims = ADMIN) {
      // One login, however often its token is renewed.
      const sid = `login-of-${claims.sub}-${Math.random().toString(36).slice(2)}`;
      host.token = () => signToken({ sid, ...claims });
    },
    async close() {
      await node.close();
      await host.close();
    },
  };
}
