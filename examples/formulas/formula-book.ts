import { type Broker, type LoadedProgram, type Outcome, prepare, type TrustLevel } from '../../src/index.ts'

/** A row of a table: the names of its columns are what a formula may say. */
export type Row = Readonly<Record<string, unknown>>

/** Whoever writes formulas. All of theirs run in one place, and nobody else's. */
export interface Author {
  readonly name: string
  readonly trust: TrustLevel
  readonly formulas: Readonly<Record<string, string>>
}

/** One author's values: a list for each formula, in the order of the rows; or how the evaluation ended in place of them. */
export type Evaluated =
  | { readonly kind: 'values'; readonly columns: Readonly<Record<string, readonly unknown[]>> }
  | { readonly kind: 'ended'; readonly outcome: Outcome }

/** Rows that cross in one call: enough that the call itself costs little, few enough for its limits. */
const BATCH = 1000

/** One module for each formula, so that none sees another's names, and one that calls them all for each row. */
function programOf(formulas: Readonly<Record<string, string>>, columns: readonly string[]) {
  const names = Object.keys(formulas)
  const modules = Object.fromEntries(
    names.map((name, at) => [`f${at}`, `export default ({ ${columns.join(', ')} }) => (\n${formulas[name]}\n)`]),
  )
  const source = `${names.map((_name, at) => `import f${at} from 'f${at}'`).join('\n')}
const evaluate = (formula, rows) => rows.map((row) => {
  try { return formula(row) } catch (error) { return '#' + error.name }
})
export default (rows) => [${names.map((_name, at) => `evaluate(f${at}, rows)`).join(', ')}]`
  return { source, modules }
}

/**
 * Says what is wrong with a formula, before anything runs; undefined when nothing is. A text that closes a parenthesis it has
 * not opened, `1); globalThis.kept = 5; (2`, is statements between parentheses, and nothing between brackets.
 */
export function checkFormula(text: string): string | undefined {
  for (const [open, close] of ['()', '[]']) {
    const prepared = prepare(`${open}\n${text}\n${close}`, { kind: 'script' })
    if (prepared.kind === 'invalid') return prepared.error.message
    if (prepared.kind === 'refused') return `it imports "${prepared.specifier}"`
  }
  return undefined
}

/** What each author wrote, by name. */
type Programs = ReadonlyMap<string, { readonly names: readonly string[]; readonly program: LoadedProgram }>

/** The formulas of some authors, compiled once, in the tier that each author's trust asks for. Owned by whoever opened it. */
export class FormulaBook implements AsyncDisposable {
  readonly #programs: Programs

  private constructor(programs: Programs) {
    this.#programs = programs
  }

  /** Compiles them. Throws a `SyntaxError` that names the first formula that cannot be. */
  static async open(broker: Broker, authors: readonly Author[], columns: readonly string[]): Promise<FormulaBook> {
    const opened = authors.map(async ({ name: author, trust, formulas }) => {
      for (const [name, text] of Object.entries(formulas)) {
        const problem = checkFormula(text)
        if (problem !== undefined) throw new SyntaxError(`Cannot compile "${name}" of ${author}: ${problem}`)
      }
      const { source, modules } = programOf(formulas, columns)
      const program = await broker.load(source, { trust, tenant: author, modules, pool: { min: 1, max: 1 } })
      return [author, { names: Object.keys(formulas), program }] as const
    })
    return new FormulaBook(new Map(await Promise.all(opened)))
  }

  /** Evaluates every formula for every row. What one author's formulas do is no matter to the others. */
  async evaluate(rows: readonly Row[]): Promise<ReadonlyMap<string, Evaluated>> {
    const all = Array.from(this.#programs, async ([author, { names, program }]) => {
      const lists: unknown[][] = names.map(() => [])
      for (let from = 0; from < rows.length; from += BATCH) {
        const { outcome } = await program.call(rows.slice(from, from + BATCH))
        if (outcome.kind !== 'returned') return [author, { kind: 'ended', outcome }] as const
        const columns: unknown = outcome.value
        if (!Array.isArray(columns)) throw new TypeError(`${author}'s formulas gave no columns`)
        for (const [at, list] of lists.entries()) list.push(...listOf(columns[at]))
      }
      const columns = Object.fromEntries(names.map((name, at) => [name, lists[at] ?? []]))
      return [author, { kind: 'values', columns }] as const
    })
    return new Map<string, Evaluated>(await Promise.all(all))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#programs.values(), ({ program }) => program[Symbol.asyncDispose]()))
  }
}

/** The program is theirs: what it answers is looked at before it is used. */
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
