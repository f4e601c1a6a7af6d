import { endOfChunk, endOfRegex, endOfString } from './token-ends.ts'

/** One lexical token of JavaScript or TypeScript, as far as nesting is concerned. */
export interface Token {
  readonly kind: 'word' | 'value' | 'template' | 'open' | 'close' | 'separator' | 'operator'
  readonly text: string
  readonly start: number
  /** Whether an expression or a statement may end right after it. */
  readonly ends: boolean
  /** Whether a line ended between this token and the one before. */
  readonly newline: boolean
}

/** What stands before a token that could be a regular expression or a division. */
type Before = 'operand' | 'operator' | 'unsure'

/** Text that reads differently depending on where a parser stands, so that no scan of tokens can be sure of it. */
export class AmbiguousText extends Error {
  override readonly name = 'AmbiguousText'
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

const SPACE = /\s+|\/\/.*|\/\*[^]*?\*\//y
const NUMBER = /0[xXbBoO][\da-fA-F_]+n?|\d[\d_]*n?(?:\.[\d_]*)?(?:[eE][+-]?\d[\d_]*)?/y
const WORD = /[\p{ID_Continue}$#\\\u200c\u200d]+/uy
const FLAGS = /[\p{ID_Continue}$]*/uy
const OPERATOR = /===|!==|=>|&&|\|\||\?\?|\*\*|==|!=|<=|>=|\.\.\.|\?\.|\+\+|--|[^]/y

const LINE_END = /[\n\r\u2028\u2029]/
const HTML_COMMENT = 'HTML-like comments are not supported'
const BEFORE_REGEX = new Set(
  'return typeof case do else in instanceof new void delete throw extends default'.split(' '),
)
const UNSURE_WORDS = new Set('of yield await'.split(' '))
/** The words whose parentheses are followed by a statement, not by more of an expression. */
const CONDITION_WORDS = new Set('if while for with'.split(' '))

/** How much may be read twice, in characters. */
const MAX_WASTED = 1_000_000

/**
 * Splits a source into tokens without parsing it. Throws `AmbiguousText` where only a parser could tell.
 *
 * ATTACK: `'aaaa…`. A regular expression such as `'(?:[^']+)*'` takes years to find that this text has no end. So what
 * may not end is read by loops, and patterns are only for what cannot fail.
 */
export class Scanner {
  readonly #text: string
  #at = 0
  #previous = ''
  #secondPrevious = ''
  #before: Before = 'operator'
  #newline = true
  #wasted = 0
  /** For every open bracket: its text, and whether it holds the condition of a statement. */
  readonly #brackets: { readonly open: string; readonly condition: boolean }[] = []

  constructor(text: string) {
    this.#text = text
  }

  /** The next token, or nothing at the end. */
  next(): Token | undefined {
    this.#skipSpace()
    // A comment that does not end takes the rest of the text with it.
    if (this.#at >= this.#text.length || this.#text.startsWith('/*', this.#at)) return undefined
    const char = this.#text.charAt(this.#at)
    if (char === '`') return this.#template(this.#at)
    if (char === '}' && this.#brackets.at(-1)?.open === '${') return this.#template(this.#at)
    if (char === '/') return this.#slash()
    return this.#value() ?? this.#word() ?? this.#punctuation(char)
  }

  #skipSpace(): void {
    this.#newline = this.#at === 0
    for (let space = this.#match(SPACE); space !== undefined; space = this.#match(SPACE)) {
      this.#newline ||= LINE_END.test(space)
      this.#at += space.length
    }
    const html = this.#newline ? ['<!--', '-->'] : ['<!--']
    if (html.some((open) => this.#text.startsWith(open, this.#at))) throw new AmbiguousText(HTML_COMMENT, this.#at)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text)?.[0]
  }

  #token(kind: Token['kind'], text: string, before: Before): Token {
    const endsHere = before === 'operand' || (kind === 'close' && before === 'unsure')
    const token = { kind, text, start: this.#at, ends: endsHere, newline: this.#newline }
    this.#at += text.length
    this.#secondPrevious = this.#previous
    this.#previous = kind === 'value' ? '' : text
    this.#before = before
    return token
  }

  #word(): Token | undefined {
    const text = this.#match(WORD)
    if (text === undefined) return undefined
    if (this.#previous === '.' || this.#previous === '?.') return this.#token('value', text, 'operand')
    if (BEFORE_REGEX.has(text)) return this.#token('word', text, 'operator')
    return this.#token('word', text, UNSURE_WORDS.has(text) ? 'unsure' : 'operand')
  }

  #value(): Token | undefined {
    const end = endOfString(this.#text, this.#at)
    const text = end === undefined ? this.#match(NUMBER) : this.#text.slice(this.#at, end)
    return text === undefined ? undefined : this.#token('value', text, 'operand')
  }

  /** A template, or what follows one of its substitutions. */
  #template(start: number): Token {
    if (this.#text.charAt(start) === '}') this.#brackets.pop()
    const { opens, end } = endOfChunk(this.#text, start)
    const text = this.#text.slice(start, end)
    if (!opens) return this.#token(text.startsWith('}') ? 'close' : 'template', text, 'operand')
    this.#brackets.push({ open: '${', condition: false })
    return this.#token('open', text, 'operator')
  }

  #slash(): Token {
    if (this.#before === 'operand') return this.#token('operator', '/', 'operator')
    const { closed, end } = endOfRegex(this.#text, this.#at)
    if (!closed) return this.#lonelySlash(end)
    FLAGS.lastIndex = end
    const text = this.#text.slice(this.#at, end) + (FLAGS.exec(this.#text)?.[0] ?? '')
    if (this.#before === 'operator') return this.#token('value', text, 'operand')
    const follows = this.#text.charAt(this.#at + text.length)
    if (/['"`()[\]{}\\,;]/.test(text) || follows === '/' || follows === '*') {
      const message = 'This could be a regular expression or a division: put parentheses around it'
      throw new AmbiguousText(message, this.#at)
    }
    return this.#token('operator', text, 'unsure')
  }

  /** A division, or an expression that does not end. To find out, the rest of the line was read, which may not go on. */
  #lonelySlash(end: number): Token {
    this.#wasted += end - this.#at
    if (this.#before === 'operator' || this.#wasted > MAX_WASTED) {
      throw new AmbiguousText('This regular expression does not end', this.#at)
    }
    return this.#token('operator', '/', 'operator')
  }

  #punctuation(char: string): Token {
    if (char === '(' || char === '[' || char === '{') {
      this.#brackets.push({ open: char, condition: char === '(' && this.#opensCondition() })
      return this.#token('open', char, 'operator')
    }
    if (char === ')' || char === ']' || char === '}') return this.#close(char)
    if (char === ',' || char === ';') return this.#token('separator', char, 'operator')
    const text = this.#match(OPERATOR) ?? char
    return this.#token('operator', text, this.#afterOperator(text))
  }

  #opensCondition(): boolean {
    if (this.#previous === 'await') return this.#secondPrevious === 'for'
    return CONDITION_WORDS.has(this.#previous)
  }

  #close(char: string): Token {
    const open = this.#brackets.at(-1)
    const fits = (open?.open === '(' && char === ')') || (open?.open === '[' && char === ']')
    if (fits || (open?.open === '{' && char === '}')) this.#brackets.pop()
    if (char === '}') return this.#token('close', char, 'unsure')
    return this.#token('close', char, char === ')' && open?.condition === true ? 'operator' : 'operand')
  }

  #afterOperator(text: string): Before {
    if (text === '++' || text === '--' || text === '>') return 'unsure'
    if (text !== '!') return 'operator'
    if (this.#before === 'operand') return this.#newline ? 'unsure' : 'operand'
    return this.#before
  }
}
