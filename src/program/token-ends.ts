const BACKSLASH = 92
const SLASH = 47
const BACKTICK = 96
const DOLLAR = 36
const OPENING = 91
const CLOSING = 93
const LF = 10
const CR = 13
const LINE_SEPARATOR = 0x2028
const PARAGRAPH_SEPARATOR = 0x2029

/** Where a string that starts at an offset ends; nothing when there is none, or when its line ends first. */
export const endOfString = (text: string, start: number): number | undefined => {
  const quote = text.charCodeAt(start)
  if (text[start] !== '"' && text[start] !== "'") return undefined
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) return at + 1
    if (code === LF || code === CR) return undefined
    if (code === BACKSLASH) at += text.startsWith('\r\n', at + 1) ? 2 : 1
  }
  return undefined
}

/** Where a regular expression that starts at an offset ends, before its flags, or where its line ends without it. */
export const endOfRegex = (text: string, start: number): { readonly closed: boolean; readonly end: number } => {
  let inClass = false
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (isLineEnd(code)) return { closed: false, end: at }
    if (code === BACKSLASH) at += 1
    else if (code === OPENING) inClass = true
    else if (code === CLOSING) inClass = false
    else if (code === SLASH && !inClass) return { closed: true, end: at + 1 }
    if (code === BACKSLASH && isLineEnd(text.charCodeAt(at))) return { closed: false, end: at }
  }
  return { closed: false, end: text.length }
}

/** Where a piece of a template that starts at an offset ends: behind a backtick, the start of a substitution, or the text. */
export const endOfChunk = (text: string, start: number): { readonly opens: boolean; readonly end: number } => {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === BACKTICK) return { opens: false, end: at + 1 }
    if (code === DOLLAR && text[at + 1] === '{') return { opens: true, end: at + 2 }
    if (code === BACKSLASH) at += 1
  }
  return { opens: false, end: text.length }
}

const isLineEnd = (code: number): boolean =>
  code === LF || code === CR || code === LINE_SEPARATOR || code === PARAGRAPH_SEPARATOR
