import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createMetrics } from '../../server/metrics.ts';
import type { VigilEvent } from '../../shared/events.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { PROJECT } from '../support/node-process.ts';
import { openTab } from '../support/tab.ts';
import { agentClaims, sign } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';
import { Office, START } from './http/office.ts';

const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');
/** Names of metrics in the expressions of a board or of alerts. */
const namesIn = (text: string) => [...new Set(text.match(/\b(vigil|process|nodejs)_[a-z0-9_]+/g))];

describe('the metrics', () => {
  const cleanup = cleanupAfterEach();

  /** The value of a sample; undefined where it is not there. */
  async function sampleOf(office: Office, sample: string): Promise<number | undefined> {
    const { body } = await office.stranger().get('/metrics');
    const line = String(body)
      .split('\n')
      .find((candidate) => candidate.startsWith(`${sample} `));
    return line === undefined ? undefined : Number(line.slice(sample.length + 1));
  }

  it('say how many are connected, tracked and warned', async () => {
    const office = cleanup.using(await Office.open());
    await office.seat('bob');
    const claims = agentClaims(START, { exp: Math.floor(START / 1000) + 31 * 86_400 });
    const tab = cleanup.using(await openTab(office.node.url, sign(claims)));
    expect(await sampleOf(office, 'vigil_connections')).to.equal(1);
    expect(await sampleOf(office, 'vigil_sockets{namespace="/"}')).to.equal(1);
    expect(await sampleOf(office, 'vigil_agents_tracked')).to.equal(2);
    expect(await sampleOf(office, 'vigil_agents_warned')).to.equal(0);
    office.clock.advance(86_400_000 - 60_000);
    const isWarned = () => {
      office.clock.advance(1_000);
      return tab.all('warning').length > 0;
    };
    await until(isWarned, 'the warning');
    await until(async () => {
      office.clock.advance(6_000);
      return (await sampleOf(office, 'vigil_agents_warned')) === 2;
    }, 'both to be warned');
    expect(await sampleOf(office, 'vigil_late_seconds_count{what="warning"}')).to.be.greaterThan(0);
  });

  it('say NaN for who is tracked while the engine is away, and the rest as ever', async () => {
    const office = cleanup.using(await Office.open());
    office.between.down();
    const { status, body } = await office.stranger().get('/metrics');
    expect(status).to.equal(200);
    expect(body).to.include('vigil_agents_tracked Nan');
    expect(body).to.include('vigil_connections 0');
  });

  it('count sweeps, and those that failed', async () => {
    const office = cleanup.using(await Office.open());
    office.clock.advance(1_000);
    await until(() => sampleOf(office, 'vigil_sweep_seconds_count{outcome="ok"}'), 'a sweep');
    office.between.down({ silently: true });
    const failed = async () => {
      office.clock.advance(1_000);
      return sampleOf(office, 'vigil_sweep_seconds_count{outcome="failed"}');
    };
    expect(await until(failed, 'a sweep that failed')).to.be.greaterThan(0);
  });

  it('know a reason to end by before anybody has ended by it', async () => {
    const office = cleanup.using(await Office.open());
    for (const reason of ['timeout', 'logout', 'admin', 'lost']) {
      expect(await sampleOf(office, `vigil_sessions_ended_total{reason="${reason}"}`)).to.equal(0);
    }
  });

  describe('of lateness', () => {
    let ids = 0;
    const event = (type: string, at: number, data: object) => {
      ids += 1;
      return { id: String(ids), type, account: 'acme', at, data } as unknown as VigilEvent;
    };
    const warned = (at: number, endsAt: number, lastActivityAt = 1) =>
      event('session.warned', at, { agent: 'ann', lastActivityAt, deadlineAt: 100_000, endsAt });
    const ended = (at: number, lastActivityAt = 1, reason = 'timeout') =>
      event('session.ended', at, { agent: 'ann', sessions: ['s'], reason, inactivity: null, lastActivityAt });

    async function sums(...events: VigilEvent[]) {
      const metrics = createMetrics();
      for (const told of events) metrics.told({ account: 'acme', agent: 'ann', pushes: [], events: [told] });
      const text = await metrics.registry.metrics();
      const of = (what: string) => {
        const [, sum] = new RegExp(`vigil_late_seconds_sum\\{what="${what}"\\} (\\S+)`).exec(text) ?? [];
        return sum === undefined ? undefined : Number(sum);
      };
      return { warning: of('warning'), end: of('end') };
    }

    it('take a warning for as late as it puts the end off, and an end by its warning', async () => {
      expect(await sums(warned(40_000, 100_000), ended(100_250))).to.deep.equal({ warning: 0, end: 0.25 });
      expect(await sums(warned(41_500, 101_500), ended(101_500))).to.deep.equal({ warning: 1.5, end: 0 });
    });

    it('leave out an end that was asked for, that had no warning here, or whose agent was there meanwhile', async () => {
      expect((await sums(warned(40_000, 100_000), ended(100_250, 1, 'admin'))).end).to.equal(undefined);
      expect((await sums(ended(100_250))).end).to.equal(undefined);
      expect((await sums(warned(40_000, 100_000), ended(200_000, 90_000))).end).to.equal(undefined);
    });
  });

  for (const file of ['deploy/grafana.json', 'deploy/alerts.yaml']) {
    it(`have every name that ${file} asks for`, async () => {
      const office = cleanup.using(await Office.open({}, { metrics: createMetrics({ ofProcess: true }) }));
      const { body } = await office.stranger().get('/metrics');
      const types = new Map(
        [...String(body).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]),
      );
      const exists = (name: string) => {
        const histogram = /^(.*)_(bucket|count|sum)$/.exec(name)?.[1];
        return types.has(name) ? types.get(name) !== 'histogram' : types.get(histogram) === 'histogram';
      };
      const names = namesIn(read(file));
      expect(namesIn(read(file)).length).to.be.greaterThan(5);
      expect(names.filter((name) => !exists(name))).to.deep.equal([]);
    });
  }

  it('are all on the board, but for those of the process', async () => {
    const metrics = createMetrics();
    metrics.watch({
      engine: { now: () => 0, totals: async () => ({ live: 0, warned: 0 }) },
      clock: { monotonic: () => 0 },
      connections: () => 0,
    });
    const board = read('deploy/grafana.json');
    const missing = metrics.registry.getMetricsAsArray().filter(({ name }) => !board.includes(name));
    expect(missing.map(({ name }) => name)).to.deep.equal([]);
  });
});
