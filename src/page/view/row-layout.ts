/**
 * Where the rows of a list stand: all of one height, or each as high as its wrapped text. Positions are CSS pixels
 * from the top of the first row.
 */
export interface RowLayout {
  readonly count: number;
  readonly totalHeight: number;
  topOf(index: number): number;
  heightOf(index: number): number;
  /** The row at a position; the nearest one for a position outside. -1 without rows. */
  indexAt(y: number): number;
}

export function uniformLayout(count: number, rowHeight: number): RowLayout {
  return {
    count,
    totalHeight: count * rowHeight,
    topOf: (index) => index * rowHeight,
    heightOf: () => rowHeight,
    indexAt: (y) => Math.min(count - 1, Math.max(0, Math.floor(y / rowHeight))),
  };
}

/** @param heightOf the height of each row, asked once */
export function variableLayout(count: number, heightOf: (index: number) => number): RowLayout {
  const tops = new Float64Array(count + 1);
  for (let index = 0; index < count; index++) tops[index + 1] = (tops[index] ?? 0) + heightOf(index);
  const topOf = (index: number): number => tops[Math.min(Math.max(index, 0), count)] ?? 0;
  return {
    count,
    totalHeight: topOf(count),
    topOf,
    heightOf: (index) => topOf(index + 1) - topOf(index),
    indexAt(y) {
      let low = 0;
      let high = count - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (topOf(middle) <= y) low = middle;
        else high = middle - 1;
      }
      return count === 0 ? -1 : low;
    },
  };
}

/** Lines a text takes when it breaks at every `columns` cells; a surrogate pair counts as one. */
export function lineCount(text: string, columns: number): number {
  let lines = 0;
  for (const line of text.split('\n')) {
    let cells = 0;
    for (let index = 0; index < line.length; index++) {
      const unit = line.charCodeAt(index);
      if (unit >= 0xdc00 && unit < 0xe000) continue;
      cells += unit >= 0x1100 && isWide(unit) ? 2 : 1;
    }
    lines += Math.max(1, Math.ceil(cells / Math.max(1, columns)));
  }
  return lines;
}

/** East Asian wide forms and the first half of most emoji: good enough to reserve room. */
function isWide(unit: number): boolean {
  return (
    unit <= 0x115f ||
    (unit >= 0x2e80 && unit <= 0xa4cf) ||
    (unit >= 0xac00 && unit <= 0xd7a3) ||
    (unit >= 0xd83c && unit <= 0xd83e) ||
    (unit >= 0xf900 && unit <= 0xfaff) ||
    (unit >= 0xff00 && unit <= 0xff60)
  );
}
