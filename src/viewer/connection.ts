/**
 * What a viewer knows of its line to the server.
 */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Not connected; the next try is at that time (ms since the epoch). `reason` is one line for a person. */
  | { readonly kind: 'waiting'; readonly retryAtMs: number; readonly reason: string }
  /** For good: the server refused, or the person left. */
  | { readonly kind: 'closed'; readonly reason?: string };
