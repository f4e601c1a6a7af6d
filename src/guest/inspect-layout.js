// How entries become lines: the rules of Node's util.inspect (compact: 3), so that logs look as their authors expect.

const COMPACT = 3
const MAX_COLUMNS = 15

/** Lays short entries of an array out in columns.
 * @param {Inspection} inspection @param {string[]} output @param {unknown} value the array, to align numbers right
 * @returns {string[]} */
const groupEntries = (inspection, output, value) => {
  const count = output.length > inspection.maxEntries ? output.length - 1 : output.length
  let total = 0
  let longest = 0
  for (let index = 0; index < count; index++) {
    const length = /** @type {string} */ (output[index]).length
    total += length + 2
    longest = MathMax(longest, length)
  }
  const width = longest + 2
  if (width * 3 + inspection.indentation >= inspection.breakLength || (total / width <= 5 && longest > 6)) return output
  const bias = MathMax(width - 3 - MathSqrt(width - total / output.length), 1)
  const columns = MathMin(
    MathRound(MathSqrt(2.5 * bias * count) / bias),
    MathFloor((inspection.breakLength - inspection.indentation) / width),
    COMPACT * 4,
    MAX_COLUMNS,
  )
  return columns <= 1 ? output : layColumns(output, count, columns, holdsNumbersOnly(value, count))
}

/** @param {unknown} value @param {number} count */
const holdsNumbersOnly = (value, count) => {
  if (typeof value !== 'object' || value === null) return false
  for (let index = 0; index < count; index++) {
    const kind = typeof ReflectGet(value, index)
    if (kind !== 'number' && kind !== 'bigint') return false
  }
  return true
}

/** @param {string[]} output @param {number} count @param {number} columns @param {boolean} alignRight */
const layColumns = (output, count, columns, alignRight) => {
  /** @type {number[]} */
  const widths = createList()
  for (let column = 0; column < columns; column++) {
    let width = 0
    for (let index = column; index < count; index += columns) {
      width = MathMax(width, /** @type {string} */ (output[index]).length)
    }
    widths[column] = width + 2
  }
  /** @type {string[]} */
  const lines = createList()
  for (let start = 0; start < count; start += columns) {
    const end = MathMin(start + columns, count)
    let line = ''
    for (let index = start; index < end - 1; index++) {
      const width = /** @type {number} */ (widths[index - start])
      line += (alignRight ? StringPrototypePadStart : StringPrototypePadEnd)(`${output[index]}, `, width, ' ')
    }
    const last = /** @type {string} */ (output[end - 1])
    const lastWidth = /** @type {number} */ (widths[end - 1 - start]) - 2
    lines[lines.length] = line + (alignRight ? StringPrototypePadStart(last, lastWidth, ' ') : last)
  }
  for (let index = count; index < output.length; index++) lines[lines.length] = /** @type {string} */ (output[index])
  return lines
}

/** @param {Inspection} inspection @param {string[]} output @param {number} start @param {string} base */
const fitsOneLine = (inspection, output, start, base) => {
  let length = output.length + start
  if (length + output.length > inspection.breakLength) return false
  for (let index = 0; index < output.length; index++) length += /** @type {string} */ (output[index]).length
  return length <= inspection.breakLength && !StringPrototypeIncludes(base, '\n')
}

/** Joins entries between braces: on one line when they are few levels and short, else each on its own.
 * @param {Inspection} inspection @param {string[]} entries
 * @param {{ base: string, open: string, close: string, grouped: boolean }} frame
 * @param {number} depth @param {unknown} value
 * @returns {string} */
const joinEntries = (inspection, entries, frame, depth, value) => {
  const base = frame.base === '' ? '' : `${frame.base} `
  const output = frame.grouped && entries.length > 6 ? groupEntries(inspection, entries, value) : entries
  if (inspection.deepest - depth < COMPACT && output.length === entries.length) {
    const start = output.length + inspection.indentation + frame.open.length + frame.base.length + 10
    if (fitsOneLine(inspection, output, start, frame.base)) {
      const joined = ArrayPrototypeJoin(output, ', ')
      if (!StringPrototypeIncludes(joined, '\n')) return `${base}${frame.open} ${joined} ${frame.close}`
    }
  }
  const indentation = `\n${StringPrototypeRepeat(' ', inspection.indentation)}`
  return `${base}${frame.open}${indentation}  ${ArrayPrototypeJoin(output, `,${indentation}  `)}${indentation}${frame.close}`
}
