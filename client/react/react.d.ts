/** As much of React as the hook needs: React itself is the host's, and is not installed here. */
declare module 'react' {
  export function useEffect(effect: () => (() => void) | undefined, deps: readonly unknown[]): void;
  export function useRef<T>(initial: T): { current: T };
  export function useState<T>(initial: T): [T, (next: T) => void];
}
