type Listener = (...payload: unknown[]) => void;

/** Events of one client. A listener that throws is reported, and keeps nobody else from being told. */
export interface Emitter<Events extends Record<string, unknown[]>> {
  on<K extends keyof Events>(event: K, listener: (...payload: Events[K]) => void): () => void;
  emit<K extends keyof Events>(event: K, ...payload: Events[K]): void;
}

export function createEmitter<Events extends Record<string, unknown[]>>(): Emitter<Events> {
  const listeners = new Set<{ event: keyof Events; listener: Listener }>();
  return {
    on(event, listener) {
      const entry = { event, listener: listener as unknown as Listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    emit(event, ...payload) {
      for (const entry of [...listeners]) {
        if (entry.event !== event) continue;
        try {
          entry.listener(...payload);
        } catch (error) {
          reportError(error);
        }
      }
    },
  };
}
