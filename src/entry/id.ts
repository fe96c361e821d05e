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
/** Below the variant. */
const COUNTER_LOW_MAX = 2 ** 14 - 1;
/** Where the last digit of that stands in an id. */
const COUNTER_LOW_END = 22;
const [DIGIT_0, DIGIT_9, DIGIT_A, DIGIT_F] = [0x30, 0x39, 0x61, 0x66];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface IdMaker {
  /** The next id: greater than every id this maker made and than the one it was continued from. */
  next(): string;
  /**
   * Writes the next ids into a text, one at each of these places, as next() would give them with one look at the clock.
   * @returns the first and the last of them; undefined: there are no places
   */
  fill(text: Uint8Array, places: ArrayLike<number>): { readonly firstId: string; readonly lastId: string } | undefined;
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
  let prefix = '';
  let prefixHigh = -1;
  if (after !== undefined && isId(after)) {
    lastMs = idTimeMs(after);
    counter = idCounter(after);
  }

  function next(now: number): string {
    if (now > lastMs) {
      lastMs = now;
      counter = 0;
      prefixHigh = -1;
    } else if (counter < COUNTER_MAX) {
      counter++;
    } else {
      lastMs++;
      counter = 0;
      prefixHigh = -1;
    }
    const high = counter >> 14;
    if (high !== prefixHigh) {
      prefixHigh = high;
      const time = lastMs.toString(16).padStart(12, '0');
      prefix = `${time.slice(0, 8)}-${time.slice(8)}-7${high.toString(16).padStart(3, '0')}-`;
    }
    return `${prefix}${(0x8000 | (counter & COUNTER_LOW_MAX)).toString(16)}-${node}`;
  }

  return {
    next: () => next(nowMs()),

    fill(text, places) {
      if (places.length === 0) return undefined;
      const now = nowMs();
      const firstId = next(now);
      const bytes = bytesOf(firstId);
      writeBytes(text, places[0] ?? 0, bytes);
      for (let index = 1; index < places.length; index++) {
        if ((counter & COUNTER_LOW_MAX) < COUNTER_LOW_MAX) {
          counter++;
          increment(bytes);
        } else bytes.set(bytesOf(next(now)));
        writeBytes(text, places[index] ?? 0, bytes);
      }
      return { firstId, lastId: String.fromCharCode(...bytes) };
    },
  };
}

function bytesOf(id: string): Uint8Array {
  return Uint8Array.from({ length: ID_LENGTH }, (_, index) => id.charCodeAt(index));
}

function writeBytes(text: Uint8Array, at: number, bytes: Uint8Array): void {
  for (let index = 0; index < ID_LENGTH; index++) text[at + index] = bytes[index] ?? 0;
}

/** The low part of the counter, in hexadecimal digits, one further. */
function increment(bytes: Uint8Array): void {
  for (let at = COUNTER_LOW_END; ; at--) {
    const digit = bytes[at] ?? 0;
    if (digit !== DIGIT_F) {
      bytes[at] = digit === DIGIT_9 ? DIGIT_A : digit + 1;
      return;
    }
    bytes[at] = DIGIT_0;
  }
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
