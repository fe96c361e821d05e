/**
 * Publish and subscribe within the process: what the store has made durable reaches whoever listens, in order.
 * A subscriber must not wait and must not throw; whoever has a slow peer keeps a bounded queue of its own.
 */
export interface Hub<Event> {
  publish(event: Event): void;
  /** @returns the way to stop listening */
  subscribe(listener: (event: Event) => void): () => void;
}

export function createHub<Event>(): Hub<Event> {
  const listeners = new Set<(event: Event) => void>();
  return {
    publish(event) {
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
