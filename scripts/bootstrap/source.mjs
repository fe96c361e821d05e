/**
 * Which log of this machine an agent can follow.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

/** Where syslog daemons write: Debian and Ubuntu, Red Hat and SUSE. */
const SYSLOG_FILES = ['/var/log/syslog', '/var/log/messages'];

/**
 * @param {string} shipHelp what `logd ship --help` says: not every version knows every source
 * @returns the name for --source, and what it is in words
 */
export function chooseSource(shipHelp) {
  if (process.platform === 'win32' && /\bwinevent\b/.test(shipHelp)) {
    return { name: 'winevent', about: "this machine's event logs" };
  }
  const file = SYSLOG_FILES.find(isReadable);
  if (file) return { name: 'syslog', about: file };
  if (/\bjournald\b/.test(shipHelp) && hasJournal()) return { name: 'journald', about: "this machine's journal" };
  return { name: 'simulate', about: 'made-up entries, as no log of this machine can be read' };
}

function isReadable(path) {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    // Missing or not allowed: another source may do.
    return false;
  }
}

/** Whether journalctl is there, may read, and has something to read. */
function hasJournal() {
  const { status, stdout } = spawnSync('journalctl', ['--lines=1', '--output=json', '--quiet'], { encoding: 'utf8' });
  return status === 0 && stdout.startsWith('{');
}
