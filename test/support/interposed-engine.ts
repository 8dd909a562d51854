import { type Engine, EngineUnavailable } from '../../server/engine/engine.ts';

type Method = {
  [K in keyof Engine]: Engine[K] extends (...args: never[]) => Promise<unknown> ? K : never;
}[keyof Engine];

/** Stands between an engine and whoever uses it: sees the calls, keeps answers back, takes the link away. */
export interface InterposedEngine {
  readonly engine: Engine;
  /** The arguments of each call of a method so far. */
  calls<M extends Method>(method: M): Parameters<Engine[M]>[];
  /** Names of the methods called so far, in order. */
  readonly order: Method[];
  /** From now on this method is carried out, but its answers wait until the returned function is called. */
  hold(method: Method): () => void;
  /** The engine is out of reach; with `silently`, nobody is told. */
  down(options?: { silently?: boolean }): void;
  up(options?: { silently?: boolean }): void;
}

export function interpose(inner: Engine): InterposedEngine {
  const seen: { method: Method; args: unknown[] }[] = [];
  const held = new Map<string, Promise<void>>();
  const listeners = new Set<(up: boolean) => void>();
  let isDown = false;

  const call = async (method: Method, args: unknown[]): Promise<unknown> => {
    if (isDown) throw new EngineUnavailable('taken away by the test');
    seen.push({ method, args });
    const answer = (inner[method] as (...args: unknown[]) => Promise<unknown>)(...args);
    await held.get(method);
    return answer;
  };

  const engine = new Proxy(inner, {
    get(target, name: keyof Engine) {
      if (name === 'now') return () => target.now();
      if (name === 'onDueSooner') return target.onDueSooner.bind(target);
      if (name === 'heard') return target.heard.bind(target);
      if (name === 'deliveries' || name === 'recordings') return target[name];
      if (name === 'onLink') {
        return (listener: (up: boolean) => void) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        };
      }
      // Not every name is a method: whoever awaits the engine asks for its `then`.
      return name in target ? (...args: unknown[]) => call(name, args) : undefined;
    },
  });

  const link = (up: boolean, silently = false): void => {
    isDown = !up;
    if (!silently) for (const listener of listeners) listener(up);
  };

  return {
    engine,
    calls: <M extends Method>(method: M) =>
      seen.filter((entry) => entry.method === method).map(({ args }) => args as Parameters<Engine[M]>),
    get order() {
      return seen.map(({ method }) => method);
    },
    hold(method) {
      let release = () => {};
      held.set(method, new Promise((resolve) => (release = resolve)));
      return () => {
        held.delete(method);
        release();
      };
    },
    down: ({ silently = false } = {}) => link(false, silently),
    up: ({ silently = false } = {}) => link(true, silently),
  };
}
