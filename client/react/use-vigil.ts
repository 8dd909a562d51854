import { useEffect, useRef, useState } from 'react';
import { type ConnectOptions, connect, type SessionView, type Vigil, type VigilState } from '../sdk/index.ts';

/** What a component shows of Vigil. Rendered anew when it changes. */
export interface VigilStatus {
  state: VigilState;
  /** What the server said last; null before its first word. */
  session: SessionView | null;
  /** The connection, for `logout()` and the rest; null before the first effect has run. */
  vigil: Vigil | null;
}

/**
 * Vigil in a React application, for as long as the component is mounted. Use it once, where people are signed in: it
 * connects the page, warns, and leaves when the session has ended. Callbacks may be new with every rendering; other
 * options count as they are when it mounts, or when `url` changes.
 *
 * @throws TypeError, from an effect, where an option is not what it must be.
 */
export function useVigil(options: ConnectOptions): VigilStatus {
  const { url } = options;
  const latest = useRef(options);
  latest.current = options;
  const [status, setStatus] = useState<VigilStatus>({ state: 'connecting', session: null, vigil: null });

  useEffect(() => {
    const vigil = connect({
      ...latest.current,
      ...(url === undefined ? {} : { url }),
      getToken: () => latest.current.getToken(),
      onBeforeEnd: (info) => latest.current.onBeforeEnd?.(info),
      onEnded: (ended) => latest.current.onEnded?.(ended),
    });
    const show = () => setStatus({ state: vigil.state, session: vigil.session, vigil });
    const unsubscribe = (['state', 'session', 'warning'] as const).map((event) => vigil.on(event, show));
    show();
    return () => {
      for (const stop of unsubscribe) stop();
      vigil.disconnect();
    };
  }, [url]);

  return status;
}

export type { ConnectOptions, SessionView, Vigil, VigilState };
