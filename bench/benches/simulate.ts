import { startRedis } from '../../test/support/redis.ts';
import type { Bench, Figure } from '../harness/bench.ts';
import { withOpened } from '../harness/opened.ts';
import { memoryKb } from '../harness/process-cost.ts';
import { KINDS } from '../simulation/costs.ts';
import { DAY } from '../simulation/day.ts';
import { Simulation } from '../simulation/drive.ts';
import { memoryOf } from '../simulation/memory.ts';
import { expectedCounts, expectedDay } from '../simulation/model.ts';
import { measureUnitCosts } from '../simulation/unit-costs.ts';

const AGENTS = 1_000_000;
const MORNING = 11 * 3_600;
const FULL_RATE_SECONDS = 15;
const NODES = 25;

/** `--scale 0.02` for 20,000 agents in less than a minute. */
export default {
  what: 'the engine through a working day of a million agents, against the model of docs/scaling.md',
  async run({ scaled, say }) {
    const agents = scaled(AGENTS);
    say('unit costs at 20,000 agents');
    const costs = await measureUnitCosts(agents);
    say(JSON.stringify(costs));
    return withOpened(async (opened) => {
      const redis = opened.using(
        await startRedis({ persistence: 'aof', args: ['--maxmemory-policy', 'noeviction'] }),
      );
      const simulation = opened.using(new Simulation(redis, agents));
      await simulation.open();
      const empty = await memoryOf(redis);
      const tell = (hour: number) =>
        say(
          `${hour}:00 – ${JSON.stringify(simulation.ledger.count)} ${Math.round(simulation.ledger.total)} ms, heap ${Math.round(process.memoryUsage().heapUsed / 2 ** 20)} MiB`,
        );
      await simulation.until(MORNING, tell);
      const busy = await memoryOf(redis);
      const full = await simulation.atFullRate(FULL_RATE_SECONDS, NODES);
      say(JSON.stringify({ busy, full }));
      await simulation.until(DAY.until, tell);
      const late = await memoryOf(redis);
      const { rss } = memoryKb(redis.pid);
      say(
        JSON.stringify({
          empty,
          busy,
          late,
          rss,
          full,
          told: simulation.told,
          emissions: simulation.emissions,
          ledger: simulation.ledger,
        }),
      );

      const { ledger, told } = simulation;
      const day = expectedDay();
      const counts = expectedCounts(agents);
      const ended = (told['session.ended'] ?? 0) - ledger.count.logouts;
      const against = (what: string, unit: string, found: number, expected: number): Figure => ({
        what,
        unit,
        vigil: [found],
        baseline: { what: 'the model', found: [expected] },
      });
      const spent = KINDS.map((kind) => {
        const timeouts = kind === 'sweeps' ? costs.timeouts * agents * day.timedOut : 0;
        return {
          kind,
          expected: (costs[kind] * counts[kind] + timeouts) / 1e6,
          found: ledger.ms[kind] / 1e3,
        };
      });
      const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
      return [
        ...KINDS.filter((kind) => kind !== 'sweeps').map((kind) =>
          against(`a day of ${agents} agents: ${kind}`, '', ledger.count[kind], counts[kind]),
        ),
        against('… warned', '', told['session.warned'] ?? 0, agents * day.warned),
        against('… signed out by the timeout', '', ended, agents * day.timedOut),
        ...spent.map(({ kind, found, expected }) =>
          against(`Redis CPU of the ${kind}`, 's', found, expected),
        ),
        against('Redis CPU of the day', 's', ledger.total / 1e3, sum(spent.map(({ expected }) => expected))),
        {
          what: `reports at full rate, ${Math.round(full.reports / FULL_RATE_SECONDS)} a second by ${NODES} nodes: Redis`,
          unit: 'µs a report',
          vigil: [(full.redisMs * 1_000) / full.reports],
        },
        {
          what: 'the same, all nodes together',
          unit: 'µs a report',
          vigil: [(full.nodeMs * 1_000) / full.reports],
        },
        {
          what: 'Redis memory of an agent with three open tabs, without the audit log',
          unit: 'B',
          vigil: [(busy.all - empty.all - busy.audit + empty.audit) / agents],
        },
        {
          what: 'Redis memory of an ended login, kept for 31 days',
          unit: 'B',
          vigil: [late.ended / (told['session.ended'] ?? 1)],
        },
        {
          what: 'audit log of the day, of one agent',
          unit: 'B',
          vigil: [(late.audit - empty.audit) / agents],
        },
      ];
    });
  },
} satisfies Bench;
