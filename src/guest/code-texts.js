// Makes texts harmless before the engine compiles them, without reading them as code: there is no lexer that could be fooled.
//
// ATTACK: `eval("import('x')")`, `Function('/*', '*' + '/){return import(1)')`, `<!--`, `a/import('x')/b`. In a node:vm realm the call asks
// Node's loader, which answers with an error of the host's realm: `error.constructor.constructor('return process')()` is the host.
// A keyword cannot be written with an escape (ECMA-262, 12.7.2); names, keys, strings, templates and patterns can. So every
// `import` becomes `i\u006dport`, wherever it stands: a name stays that name, a string that string, and a keyword is a SyntaxError.
// The second letter is the one to escape, since a backslash in front of the word escapes the first.
//
// ATTACK: `eval("//# sourceURL=a\n//# sourceMappingURL=file:///dev/zero")`. A host that runs with `--enable-source-maps` reads that file.

/** What must not be in a text, and how it is written instead. */
const DISGUISES = /** @type {[word: string, disguised: string][]} */ ([
  ['import', 'i\\u006dport'],
  ['sourceURL', 's\\u006furceURL'],
  ['sourceMappingURL', 's\\u006furceMappingURL'],
])

/** Replaces a text wherever it is found. @param {string} text @param {string} wanted @param {string} by */
const replaceEach = (text, wanted, by) => {
  let replaced = ''
  let start = 0
  for (;;) {
    const found = StringPrototypeIndexOf(text, wanted, start)
    if (found === -1) return start === 0 ? text : replaced + StringPrototypeSlice(text, start)
    replaced += StringPrototypeSlice(text, start, found) + by
    start = found + wanted.length
  }
}

/** A text that means the same and can reach no loader. @param {string} text */
const disguise = (text) => {
  let harmless = text
  for (let i = 0; i < DISGUISES.length; i++) harmless = replaceEach(harmless, DISGUISES[i][0], DISGUISES[i][1])
  return harmless
}

/** A function's text as its author wrote it, in a string or in the program. @param {string} text */
const undisguise = (text) => {
  let own = text
  for (let i = 0; i < DISGUISES.length; i++) own = replaceEach(own, DISGUISES[i][1], DISGUISES[i][0])
  return replaceEach(own, IMPORT_FUNCTION, 'import')
}

/** The global function that `import()` in code from strings calls; there from the first such text on. */
const IMPORT_FUNCTION = '__ringfence_import__'

/** Whether a unit may be part of a name, or makes a name of what follows it. @param {string} unit */
const joinsName = (unit) => {
  if (unit === '$' || unit === '_' || unit === '\\' || unit === '#' || unit === '.' || unit > '\x7f') return true
  return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z') || (unit >= '0' && unit <= '9')
}

/** @param {string} unit */
const isBlank = (unit) => unit === ' ' || unit === '\n' || unit === '\t' || unit === '\r'

/** Whether the `import` at an index has the look of a call. @param {string} text @param {number} index */
const looksLikeCall = (text, index) => {
  if (index > 0 && joinsName(text[index - 1])) return false
  let next = index + 'import'.length
  while (next < text.length && isBlank(text[next])) next++
  return text[next] === '('
}

/** Has calls of `import` go to the program's own loader. A guess, for texts that do not compile otherwise; harmless where wrong.
 * @param {string} text */
const redirectImports = (text) => {
  let redirected = ''
  let start = 0
  for (let at = StringPrototypeIndexOf(text, 'import'); at !== -1; ) {
    const end = at + 'import'.length
    redirected += StringPrototypeSlice(text, start, at) + (looksLikeCall(text, at) ? IMPORT_FUNCTION : 'import')
    start = end
    at = StringPrototypeIndexOf(text, 'import', end)
  }
  return redirected + StringPrototypeSlice(text, start)
}
