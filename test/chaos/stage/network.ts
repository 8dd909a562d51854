import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Child, findProgram, startChild } from '../../support/children.ts';
import { until } from '../../support/waiting.ts';

/**
 * The network of a run: namespaces of its own on one bridge, in a namespace of its own, so that nothing of it is seen
 * outside and the kernel clears it away with the run's processes.
 */
export const HUB = '10.9.0.1';

const run = promisify(execFile);

/** What `unshare` has to be told so that networks can be made here; null: nothing helps. */
export function howToMakeNetworks(): string[] | null {
  for (const how of [['--net'], ['--net', '--user', '--map-root-user']]) {
    try {
      const command = ['--', findProgram('nft'), 'list', 'tables'];
      execFileSync(findProgram('unshare'), [...how, ...command], { stdio: 'ignore' });
      findProgram('ip');
      return how;
    } catch {
      // The next one, then.
    }
  }
  return null;
}

/** Called once, by a process that was started in a network namespace of its own. */
export function buildHub(): void {
  const ip = findProgram('ip');
  for (const words of [
    'link set lo up',
    'link add hub type bridge',
    `addr add ${HUB}/24 dev hub`,
    'link set hub up',
  ])
    execFileSync(ip, words.split(' '));
}

/** A machine on the bridge: a network namespace with an address. */
export class Host {
  readonly name: string;
  readonly address: string;
  readonly #anchor: Child;

  private constructor(name: string, address: string, anchor: Child) {
    this.name = name;
    this.address = address;
    this.#anchor = anchor;
  }

  static async create(name: string, last: number): Promise<Host> {
    const anchor = startChild(findProgram('unshare'), ['--net', 'sleep', 'infinity']);
    const ours = readlinkSync('/proc/self/ns/net');
    const theirs = `/proc/${anchor.pid}/ns/net`;
    await until(() => existsSync(theirs) && readlinkSync(theirs) !== ours, `the namespace of ${name}`);
    const host = new Host(name, `10.9.0.${last}`, anchor);
    const ip = findProgram('ip');
    const wire = [
      'link',
      'add',
      host.#wire,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      `${anchor.pid}`,
    ];
    await run(ip, wire);
    await run(ip, ['link', 'set', host.#wire, 'master', 'hub', 'up']);
    await host.run('ip', 'link', 'set', 'lo', 'up');
    await host.run('ip', 'addr', 'add', `${host.address}/24`, 'dev', 'eth0');
    await host.run('ip', 'link', 'set', 'eth0', 'up');
    return host;
  }

  get #wire(): string {
    return `to-${this.name}`;
  }

  /** A command line that runs a program on this host. */
  inside(command: string, args: string[]): [command: string, args: string[]] {
    return [findProgram('nsenter'), [`--net=/proc/${this.#anchor.pid}/ns/net`, '--', command, ...args]];
  }

  async run(program: string, ...args: string[]): Promise<void> {
    await run(...this.inside(findProgram(program), args));
  }

  /** Drops silently whatever goes between this host and those, or one port of it; connections stay half-open. */
  async cutFrom(addresses: readonly string[], port?: number): Promise<void> {
    const set = `{ ${addresses.join(', ')} }`;
    const [to, from] = port === undefined ? ['', ''] : [`tcp dport ${port}`, `tcp sport ${port}`];
    const rules = [
      'table inet cut {',
      '  chain in {',
      '    type filter hook input priority 0;',
      `    ip saddr ${set} ${to} drop`,
      '  }',
      '  chain out {',
      '    type filter hook output priority 0;',
      `    ip daddr ${set} ${from} drop`,
      '  }',
      '}',
    ];
    await this.mend();
    await this.#nft(`${rules.join('\n')}\n`);
  }

  async mend(): Promise<void> {
    await this.#nft('table inet cut\ndelete table inet cut\n');
  }

  #nft(rules: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const [command, args] = this.inside(findProgram('nft'), ['-f', '-']);
      const child = execFile(command, args, (error) => (error === null ? resolve() : reject(error)));
      child.stdin!.end(rules);
    });
  }

  /** Every answer takes longer: `tc netem` where this kernel has it, else a narrow wire. Answers which. */
  async slow(delayMs: number): Promise<string> {
    const add = ['tc', 'qdisc', 'add', 'dev', 'eth0', 'root'] as const;
    try {
      await this.run(...add, 'netem', 'delay', `${delayMs}ms`, `${Math.ceil(delayMs / 2)}ms`);
      return `netem ${delayMs}ms`;
    } catch {
      const rate = Math.round(300_000 / delayMs);
      await this.run(...add, 'tbf', 'rate', `${rate}kbit`, 'burst', '4kb', 'latency', '2s');
      return `tbf ${rate}kbit`;
    }
  }

  async hurry(): Promise<void> {
    await this.run('tc', 'qdisc', 'del', 'dev', 'eth0', 'root');
  }

  close(): Promise<unknown> {
    return this.#anchor.kill();
  }
}
