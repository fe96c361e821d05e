/**
 * Entry ids: UUIDv7 (RFC 9562 §5.7) that rise strictly in the order they are made.
 * The id is an entry's position: file order is id order.
 *
 * Layout: 48 bits of Unix time in ms, version, a 26-bit counter (12 bits above the variant, 14 below, RFC 9562 §6.2
 * method 1), and 48 bits drawn once per start (§6.4), so that ids of one start share their low bits and compress well.
 */

export const ID_LENGTH = 36;
/** Sorts before every id. */
export const ID_NONE = '00000000-0000-0000-0000-000000000000';

const COUNTER_MAX = 2 ** 26 - 1;
/** Where the low 14 bits of the counter stand, with the variant. */
const LOW_AT = 19;
const HEX = Buffer.from('0123456789abcdef');
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface IdMaker {
  /** The next id: greater than every id this maker made and than the one it was continued from. */
  next(): string;
  /** Writes the next id, ID_LENGTH bytes of ASCII, to that place. */
  writeNext(bytes: Uint8Array, at: number): void;
}

export interface IdMakerOptions {
  /** Wall clock, ms since the epoch. When it steps back, the last millisecond is kept. */
  readonly nowMs: () => number;
  /** 48 random bits as 12 hexadecimal digits. */
  readonly node: string;
  /** The greatest id already given out, if any. */
  readonly after?: string | undefined;
}

export function createIdMaker({ nowMs, node, after }: IdMakerOptions): IdMaker {
  if (!/^[0-9a-f]{12}$/.test(node)) throw new Error(`BUG: an id's node is 12 hexadecimal digits, got "${node}"`);
  let lastMs = -1;
  let counter = 0;
  /** The last id, as bytes. All but LOW_AT stays the same while time and high counter do. */
  const last = Buffer.from(`${ID_NONE.slice(0, -12)}${node}`);
  let lastHigh = -1;
  if (after !== undefined && isId(after)) {
    lastMs = idTimeMs(after);
    counter = idCounter(after);
  }

  function step(): void {
    const now = nowMs();
    if (now > lastMs) {
      lastMs = now;
      counter = 0;
      lastHigh = -1;
    } else if (counter < COUNTER_MAX) {
      counter++;
    } else {
      lastMs++;
      counter = 0;
      lastHigh = -1;
    }
    const high = counter >> 14;
    if (high !== lastHigh) {
      lastHigh = high;
      const time = lastMs.toString(16).padStart(12, '0');
      last.write(`${time.slice(0, 8)}-${time.slice(8)}-7${high.toString(16).padStart(3, '0')}-`, 'latin1');
    }
    const low = 0x8000 | (counter & 0x3fff);
    for (let digit = 0; digit < 4; digit++) last[LOW_AT + digit] = HEX[(low >> (12 - 4 * digit)) & 0xf] ?? 0;
  }

  return {
    next() {
      step();
      return last.toString('latin1');
    },
    writeNext(bytes, at) {
      step();
      for (let index = 0; index < ID_LENGTH; index++) bytes[at + index] = last[index] ?? 0;
    },
  };
}

/** Whether a text is a UUID of any version in lower case, the form ids have everywhere in logd. */
export function isId(text: string): boolean {
  return text.length === ID_LENGTH && UUID.test(text);
}

/** The time of receipt in a UUIDv7, ms since the epoch. */
export function idTimeMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The least id that an entry received at this time or later can have. */
export function idFloor(timeMs: number): string {
  const time = Math.max(0, Math.floor(timeMs)).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

function idCounter(id: string): number {
  if (id[14] !== '7') return COUNTER_MAX;
  const high = Number.parseInt(id.slice(15, 18), 16);
  const low = Number.parseInt(id.slice(19, 23), 16) & 0x3fff;
  return high * 2 ** 14 + low;
}
