import { systemClock } from './clock.ts';
import { type Config, ConfigRefused, ORDINARY_MIN_TIMEOUT_MS, readConfig } from './config.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { startNode, type VigilNode } from './node.ts';
import { CannotStart } from './open-engine.ts';
import { unknownSettings } from './unknown-settings.ts';

/** EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78;
/** Whoever stops us is promised an end within 10 s. */
const LEAVE_MS = 9_000;
/** Troubles of a single connection, which end that connection alone wherever they come up. */
const OF_A_CONNECTION = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ERR_STREAM_DESTROYED',
]);

await main();

async function main(): Promise<void> {
  try {
    const config = readConfig(process.env);
    const log = createLog(config.logLevel);
    const cut = cutOff(config);
    watchFaults(log, cut);
    for (const word of unknownSettings(process.env)) log.warn({}, word);
    sayWhatIsUnusual(config, log);
    const node = await startNode(config, {
      clock: systemClock,
      log,
      metrics: createMetrics({ ofProcess: true }),
    });
    let isLeaving = false;
    // A second signal does not cut it short: npm passes on a Ctrl-C that the terminal has sent us already.
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        if (isLeaving) return;
        isLeaving = true;
        void leave(node, log, { signal, cut });
      });
    const { port, url } = node;
    log.info({ port, host: config.host, url, demo: config.demo !== null }, 'listening');
  } catch (error) {
    refuse(error);
  }
}

/** Names every fault, a line each, before anything listens. */
function refuse(error: unknown): never {
  if (error instanceof ConfigRefused) {
    for (const { variable, problem } of error.faults) console.error(`${variable}: ${problem}`);
    for (const word of unknownSettings(process.env)) console.error(word);
    process.exit(EXIT_CONFIG);
  }
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') console.error(`PORT: another process listens there already (${message})`);
  else if (syscall === 'listen' || syscall === 'getaddrinfo')
    console.error(`HOST, PORT: cannot listen there (${message})`);
  else if (error instanceof CannotStart) console.error(message);
  else console.error(error);
  process.exit(1);
}

function sayWhatIsUnusual({ minTimeoutMs, dataDir, redis, demo, host, tokens }: Config, log: Log): void {
  if (minTimeoutMs < ORDINARY_MIN_TIMEOUT_MS) {
    log.warn({ minTimeoutMs }, 'VIGIL_MIN_TIMEOUT is below 15m: for tests and demos only');
  }
  if (dataDir === null && redis === null) log.warn({}, 'VIGIL_DATA_DIR is none: nothing survives a restart');
  if (
    demo === null &&
    tokens.audience === undefined &&
    tokens.keys.every(({ algorithm }) => algorithm !== 'HS256')
  )
    log.warn({}, 'VIGIL_JWT_AUDIENCE is not set: any token that its issuer signs with this key counts');
  if (demo === null) return;
  log.warn({ host }, 'the demo desk is on: its people and their passwords are on its login page');
}

async function leave(
  node: VigilNode,
  log: Log,
  { signal, cut }: { signal: string; cut: Cut },
): Promise<void> {
  log.info({ signal }, 'leaving');
  const late = setTimeout(() => {
    log.warn({}, 'not everything was closed in time');
    cut(0);
  }, LEAVE_MS);
  try {
    await node.leave();
    log.info({}, 'left');
  } catch (err) {
    log.error({ err }, 'leaving failed');
    cut(0);
  }
  clearTimeout(late);
  process.exit(0);
}

/** Ends the process with things under way; with this code, if it can. */
type Cut = (code: number) => void;

/**
 * Where the engine's store is embedded, not by `process.exit`: that waits for the threads of libuv, and one of them may be in a
 * write of the store, which waits for us. Such a process would neither serve nor be started anew.
 */
function cutOff({ redis, dataDir }: Config): Cut {
  if (redis !== null || dataDir === null) return (code) => process.exit(code);
  return () => {
    process.kill(process.pid, 'SIGKILL');
    // The first process of a container is not killed by its own hand.
    process.abort();
  };
}

/** What nobody caught: a connection's trouble is logged; a fault of ours ends the process, for its state is unknown. */
function watchFaults(log: Log, cut: Cut): void {
  const judge = (err: unknown, what: string) => {
    if (OF_A_CONNECTION.has(String((err as NodeJS.ErrnoException | null)?.code))) {
      log.error({ err }, `${what}: of a connection`);
      return;
    }
    log.fatal({ err }, what);
    cut(1);
  };
  process.on('uncaughtException', (err) => judge(err, 'uncaught exception'));
  process.on('unhandledRejection', (err) => judge(err, 'unhandled rejection'));
}
