import { AmbiguousText, Scanner, type Token } from './tokens.ts'

/** How deep a source may nest, in the steps a parser goes down: brackets, operators and words that take an operand. */
const MAX_DEPTH = 1000

/** Why a source may not be given to a parser, and where. */
export interface DepthProblem {
  readonly message: string
  readonly offset: number
}

/** Words that take an operand or a statement, so that what follows stands one step deeper. */
const NESTING = new Set(
  (
    'typeof void delete new await yield return throw case in of instanceof as satisfies is asserts keyof infer unique ' +
    'readonly extends implements async else do if for while with let const var using static get set function class ' +
    'export import from default type interface namespace module declare abstract public private protected override ' +
    'accessor enum catch finally'
  ).split(' '),
)
/** Words that start a statement wherever they follow a closing brace. */
const STATEMENTS = new Set(
  'if for return var let const function class switch throw try break continue import export'.split(' '),
)

/** Words that go on with what stands before them, even on a new line. */
const CONTINUATIONS = new Set(
  'in of instanceof as satisfies is extends implements else catch finally while from'.split(' '),
)

/** One open bracket, or the whole text. */
interface Level {
  /** Steps since the last end of a statement. */
  steps: number
  /** What `steps` was at the first comma since then: each item of a list stands below what stands before the list. */
  listSteps: number | undefined
  /** Open angle brackets: a comma within type arguments ends no item of a list around them. */
  angles: number
  /** The deepest bracket closed since the last separator. */
  inner: number
  deepest: number
}

/**
 * Says why a source must not reach the native parser, or nothing. The parser recurses on the thread's own stack and does
 * not count: 10 KB of `((((…` end the whole host with SIGSEGV, and no handler runs. The bound errs on the safe side: it
 * counts all steps between two separators as if each stood inside the one before.
 */
export function depthProblem(source: string): DepthProblem | undefined {
  if (source.length <= MAX_DEPTH) return undefined
  const scanner = new Scanner(source)
  const gauge = new Gauge()
  try {
    for (let token = scanner.next(); token !== undefined; token = scanner.next()) {
      gauge.take(token)
      if (gauge.tooDeep) return { message: `The code nests more than ${MAX_DEPTH} levels deep`, offset: token.start }
    }
    gauge.end()
    return gauge.tooDeep ? { message: `The code nests more than ${MAX_DEPTH} levels deep`, offset: 0 } : undefined
  } catch (error) {
    if (error instanceof AmbiguousText) return { message: error.message, offset: error.offset }
    throw error
  }
}

/** Adds up, token by token, how deep the tree of a source may become. */
class Gauge {
  readonly #levels: Level[] = [freshLevel()]
  #previous: Token | undefined
  /** A statement has ended, unless what comes next is its `else`, or the `while` of its `do`. */
  #ended = false
  tooDeep = false

  take(token: Token): void {
    const level = this.#top()
    const goesOn = token.text === 'else' || token.text === 'while'
    if (this.#ended || this.#startsStatement(token)) endStatement(level, goesOn)
    this.#ended = token.text === ';'
    switch (token.kind) {
      case 'open':
        // What stands between two substitutions of a template ends one and starts the next.
        if (token.text.startsWith('}')) this.#close()
        else level.steps += 1
        this.#levels.push(freshLevel())
        break
      case 'close':
        this.#close()
        break
      case 'separator':
        if (token.text === ',') nextItem(level)
        break
      case 'word':
        if (nests(token.text)) level.steps += 1
        break
      case 'operator':
        if (token.text === '<') level.angles += 1
        if (token.text === '>') level.angles = Math.max(0, level.angles - 1)
        level.steps += 1
        break
      case 'template':
        level.steps += 1
        break
      case 'value':
        break
    }
    this.#previous = token
    if (depthOf(level) > MAX_DEPTH || this.#levels.length > MAX_DEPTH) this.tooDeep = true
  }

  end(): void {
    while (this.#levels.length > 1) this.#close()
    if (depthOf(this.#top()) > MAX_DEPTH) this.tooDeep = true
  }

  #top(): Level {
    return this.#levels.at(-1) ?? freshLevel()
  }

  #close(): void {
    const closed = this.#levels.length > 1 ? this.#levels.pop() : undefined
    const level = this.#top()
    if (closed !== undefined) level.inner = Math.max(level.inner, depthOf(closed) + 1)
    if (depthOf(level) > MAX_DEPTH) this.tooDeep = true
  }

  /** Whether a line break, or a closing brace, surely ended the statement before this word. */
  #startsStatement(token: Token): boolean {
    const before = this.#previous
    if (before === undefined || token.kind !== 'word' || !before.ends) return false
    if (before.text === '}' && STATEMENTS.has(token.text)) return true
    if (!token.newline || (before.kind === 'word' && nests(before.text))) return false
    return !CONTINUATIONS.has(token.text) && !token.text.includes('\\')
  }
}

/** Whether what follows a word stands one step deeper. With escapes, it may be any word; the parser goes on after them. */
const nests = (word: string): boolean => NESTING.has(word) || word.includes('\\')

const freshLevel = (): Level => ({ steps: 0, listSteps: undefined, angles: 0, inner: 0, deepest: 0 })

const depthOf = (level: Level): number => Math.max(level.deepest, level.steps + level.inner)

function endStatement(level: Level, continues: boolean): void {
  level.deepest = depthOf(level)
  level.inner = 0
  level.listSteps = undefined
  level.angles = 0
  if (!continues) level.steps = 0
}

function nextItem(level: Level): void {
  if (level.angles > 0) return
  level.deepest = depthOf(level)
  level.inner = 0
  level.listSteps ??= level.steps
  level.steps = level.listSteps
}
