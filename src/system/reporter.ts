/**
 * What mechanisms say to whoever runs them. They report; only the command line prints.
 */
export interface Report {
  readonly severity: 'info' | 'warning' | 'error';
  /** What it is about, in kebab case and closed per module: `tail-cut`, `server-unreachable`. */
  readonly event: string;
  /** One line for a person: the act, the object, the way out. */
  readonly message: string;
}

export type Reporter = (report: Report) => void;
