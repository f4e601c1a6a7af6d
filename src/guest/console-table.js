// console.table: rows and columns in a frame, as Node draws it.

const MAX_TABLE_ROWS = 500
const MAX_TABLE_COLUMNS = 50

/** @param {unknown} value */
const tableCell = (value) => inspect(value, 1000, { depth: 0, breakLength: 1 << 20, maxEntries: 3 })

/** @typedef {{ columns: string[], widths: Map<string, number>, rows: Map<string, string>[] }} Table */

/** @param {Table} table @param {Map<string, string>} row @param {string} column @param {string} text */
const setTableCell = (table, row, column, text) => {
  const width = MapPrototypeGet(table.widths, column)
  if (width === undefined) {
    if (table.columns.length >= MAX_TABLE_COLUMNS) return
    table.columns[table.columns.length] = column
  }
  MapPrototypeSet(table.widths, column, MathMax(width ?? column.length, text.length))
  MapPrototypeSet(row, column, text)
}

/** @param {Table} table @param {string} index @param {unknown} entry */
const addTableRow = (table, index, entry) => {
  /** @type {Map<string, string>} */
  const row = new MapCtor()
  table.rows[table.rows.length] = row
  setTableCell(table, row, '(index)', index)
  if (typeof entry !== 'object' || entry === null) {
    MapPrototypeSet(row, VALUES_COLUMN, tableCell(entry))
    return
  }
  const keys = ObjectKeys(entry)
  for (let at = 0; at < keys.length && at < MAX_TABLE_COLUMNS; at++) {
    const key = /** @type {string} */ (keys[at])
    setTableCell(table, row, clip(key, 100), tableCell(ReflectGet(entry, key)))
  }
}

const VALUES_COLUMN = 'Values'

/** Primitives have a column of their own, which comes last.
 * @param {Table} table */
const addValuesColumn = (table) => {
  let width = 0
  for (let at = 0; at < table.rows.length; at++) {
    const text = MapPrototypeGet(/** @type {Map<string, string>} */ (table.rows[at]), VALUES_COLUMN)
    if (text !== undefined) width = MathMax(width, VALUES_COLUMN.length, text.length)
  }
  if (width === 0 || MapPrototypeHas(table.widths, VALUES_COLUMN)) return
  table.columns[table.columns.length] = VALUES_COLUMN
  MapPrototypeSet(table.widths, VALUES_COLUMN, width)
}

/** @param {Table} table @param {(column: string, width: number) => string} cell @param {string} left @param {string} middle @param {string} right */
const tableLine = (table, cell, left, middle, right) => {
  let line = left
  for (let at = 0; at < table.columns.length; at++) {
    const column = /** @type {string} */ (table.columns[at])
    if (at > 0) line += middle
    line += cell(column, MapPrototypeGet(table.widths, column) ?? 0)
  }
  return line + right
}

/** The table of an object's or array's entries; empty when there are none to show.
 * @param {object} data
 * @returns {string} */
const tableText = (data) => {
  /** @type {Table} */
  const table = { columns: createList(), widths: new MapCtor(), rows: createList() }
  try {
    const keys = ObjectKeys(data)
    for (let at = 0; at < keys.length && at < MAX_TABLE_ROWS; at++) {
      const key = /** @type {string} */ (keys[at])
      addTableRow(table, clip(key, 100), ReflectGet(data, key))
    }
  } catch {
    // A getter or a trap threw: the caller shows the value as a plain log does.
    return ''
  }
  addValuesColumn(table)
  if (table.rows.length === 0) return ''
  const rule = (/** @type {string} */ _column, /** @type {number} */ width) => StringPrototypeRepeat('─', width + 2)
  const head = (/** @type {string} */ column, /** @type {number} */ width) =>
    ` ${StringPrototypePadEnd(column, width, ' ')} `
  let text = `${tableLine(table, rule, '┌', '┬', '┐')}\n${tableLine(table, head, '│', '│', '│')}\n`
  text += tableLine(table, rule, '├', '┼', '┤')
  for (let at = 0; at < table.rows.length; at++) {
    const row = /** @type {Map<string, string>} */ (table.rows[at])
    const cell = (/** @type {string} */ column, /** @type {number} */ width) =>
      ` ${StringPrototypePadEnd(MapPrototypeGet(row, column) ?? '', width, ' ')} `
    text += `\n${tableLine(table, cell, '│', '│', '│')}`
  }
  return `${text}\n${tableLine(table, rule, '└', '┴', '┘')}`
}
