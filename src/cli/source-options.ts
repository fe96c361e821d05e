/**
 * The options of `logd ship` that an item of `sources:` in the configuration file may have: what is about one source.
 */
export const SOURCE_OPTIONS: readonly string[] = [
  ...['source', 'path', 'channel', 'from', 'level', 'client-id', 'line-limit', 'multiline'],
  ...['journalctl', 'wevtutil', 'count', 'rate', 'seed', 'profile'],
];
