import { expect } from 'chai';
import { readConfig } from '../../../server/config.ts';
import type { Environment } from '../../../server/environment.ts';
import { type NodeOptions, startNode, type VigilNode } from '../../../server/node.ts';
import { openEngine } from '../../../server/open-engine.ts';
import { type Answer, type Api, apiOf } from '../../support/api.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { type InterposedEngine, interpose } from '../../support/interposed-engine.ts';
import { agentClaims, SECRET, serviceClaims, sign } from '../../support/tokens.ts';

export const START = Date.UTC(2026, 0, 5, 9);

type Claims = Record<string, unknown>;

/** A node in this process, on a clock that stands still, and whoever calls it. */
export class Office {
  readonly clock: TestClock;
  readonly node: VigilNode;
  /** What stands between the calls and the engine. */
  readonly between: InterposedEngine;

  private constructor(clock: TestClock, node: VigilNode, between: InterposedEngine) {
    this.clock = clock;
    this.node = node;
    this.between = between;
  }

  static async open(settings: Environment = {}, options: Partial<NodeOptions> = {}): Promise<Office> {
    const clock = createTestClock(START);
    const config = readConfig({
      PORT: '0',
      HOST: '127.0.0.1',
      VIGIL_DATA_DIR: 'none',
      VIGIL_JWT_SECRET: SECRET,
      ...settings,
    });
    let between: InterposedEngine | undefined;
    const node = await startNode(config, {
      clock,
      openEngine: async (...wanted) => {
        between = interpose(await openEngine(...wanted));
        return between.engine;
      },
      ...options,
    });
    return new Office(clock, node, between!);
  }

  /** Calls of an agent, whose login is of this moment unless the claims say otherwise. */
  agent(claims: Claims = {}): Api {
    return apiOf(this.node.url, sign(agentClaims(this.clock.now(), claims)));
  }

  manager(claims: Claims = {}): Api {
    return this.agent({ sub: 'mia', sid: 'login-of-mia', permissions: ['manage_security'], ...claims });
  }

  /** Calls of the host's own backend. */
  backend(claims: Claims = {}): Api {
    return apiOf(this.node.url, sign(serviceClaims(this.clock.now(), claims)));
  }

  stranger(): Api {
    return apiOf(this.node.url);
  }

  /** Agents of the account `acme` with a session each, as their first call begins it. */
  async seat(...names: string[]): Promise<void> {
    for (const sub of names) {
      const { status } = await this.agent({
        sub,
        sid: `login-of-${sub}`,
        name: sub.toUpperCase(),
        auto_assign: true,
      }).get('/v1/session');
      expect(status).to.equal(200);
    }
  }

  async close(): Promise<void> {
    this.between.up();
    await this.node.close();
  }
}

/** An answer that refuses, as RFC 9457 wants it. */
export function expectRefusal(
  { status, headers, body }: Answer,
  expected: [status: number, code: string],
): void {
  expect([status, body.code], JSON.stringify(body)).to.deep.equal(expected);
  expect(headers.get('content-type')).to.equal('application/problem+json');
  expect(body).to.include({ type: 'about:blank', status });
  expect(body.title).to.be.a('string').that.is.not.equal('');
  expect(body.detail).to.be.a('string').that.is.not.equal('');
}
