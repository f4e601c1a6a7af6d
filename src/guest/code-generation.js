// Code from strings: `eval`, `Function` and the three constructors that have no name. They compile what `code-texts.js` made harmless;
// the engine's own are reachable from nowhere else.
//
// ATTACK: `Object.getPrototypeOf(async function () {}).constructor('return import("x")')()`. Of five ways the others were guarded.

const { eval: nativeEval } = globalThis
const NativeFunction = Function
const KEYWORD_ESCAPED = 'Keyword must not contain escaped characters'
const CODE_REFUSED = 'Code generation from strings disallowed for this context'

/** The compilers cannot be interrupted, and what they need for a text is not counted: 170 bytes a unit were seen. */
const UNITS_OF_CODE_PER_BYTE = 1 / 64
let longestCode = 2 ** 20
let codeAllowed = true

/** @param {number} memoryBytes */
const boundCode = (memoryBytes) => {
  longestCode = MathMin(MathFloor(memoryBytes * UNITS_OF_CODE_PER_BYTE), 2 ** 23)
}

/** Has texts refused from now on, for a guest whose policy says so. */
const refuseCode = () => {
  codeAllowed = false
}

/** Throws when code of so many units may not be made. @param {number} length */
const expectCode = (length) => {
  if (!codeAllowed) throw new EvalErrorCtor(CODE_REFUSED)
  if (length <= longestCode) return
  throw new RangeErrorCtor(`Cannot make code from a string of ${length} characters: at most ${longestCode} fit here`)
}

/** Whether the engine found a keyword where a text says `import`. @param {unknown} error @param {string} text */
const isAboutImport = (error, text) =>
  ErrorIsError(error) &&
  StringPrototypeIncludes(text, 'import') &&
  readQuietly(/** @type {object} */ (error), 'message') === KEYWORD_ESCAPED

/** What the engine says of an `import` that is no call. @param {string} text */
const importError = (text) =>
  new SyntaxErrorCtor(
    StringPrototypeIncludes(text, 'import.meta')
      ? "Cannot use 'import.meta' outside a module"
      : 'Cannot use import statement outside a module',
  )

/** Puts the function there that redirected imports call. */
const provideImport = () => {
  if (ObjectHasOwn(globalThis, IMPORT_FUNCTION)) return
  ObjectDefineProperty(globalThis, IMPORT_FUNCTION, /** @type {any} */ ({ __proto__: null, value: importFromEntry }))
}

/** Compiles with the first of two readings of texts that has no `import` left as a keyword.
 * @template T @param {string} whole @param {(read: (text: string) => string) => T} compile @returns {T} */
const compileHarmless = (whole, compile) => {
  try {
    return compile(disguise)
  } catch (error) {
    if (!isAboutImport(error, whole)) throw error
  }
  try {
    const made = compile((text) => disguise(redirectImports(text)))
    provideImport()
    return made
  } catch (error) {
    throw isAboutImport(error, whole) ? importError(whole) : error
  }
}

/** Puts a constructor that compiles harmless texts in the place of the engine's.
 * @param {Function} sample a function of the kind @param {Function | undefined} parent what the constructor inherits from */
const guardConstructor = (sample, parent) => {
  const prototype = ObjectGetPrototypeOf(sample)
  /** @type {Function} */
  const native = ReflectGet(prototype, 'constructor')
  const guard = function () {
    /** @type {string[]} */
    const texts = createList()
    let whole = ''
    for (let i = 0; i < arguments.length; i++) {
      // ATTACK: `Function({ toString: () => calls++ ? 'import("x")' : '' })`. Made a text once, before anybody looks at it.
      texts[i] = `${arguments[i]}`
      whole += `${texts[i]}\n`
    }
    expectCode(whole.length)
    const target = new.target ?? guard
    return compileHarmless(whole, (read) => {
      const harmless = createList()
      for (let i = 0; i < texts.length; i++) harmless[i] = read(texts[i])
      return ReflectConstruct(native, harmless, target)
    })
  }
  ObjectSetPrototypeOf(guard, parent ?? FunctionPrototype)
  ObjectDefineProperty(guard, 'prototype', /** @type {any} */ ({ __proto__: null, value: prototype, writable: false }))
  const { writable } = /** @type {PropertyDescriptor} */ (ObjectGetOwnPropertyDescriptor(prototype, 'constructor'))
  replaceNative(prototype, 'constructor', guard)
  ObjectDefineProperty(prototype, 'constructor', /** @type {any} */ ({ __proto__: null, writable }))
  return guard
}

const guardedEval = {
  /** @param {unknown} text */
  eval(text) {
    if (typeof text !== 'string') return text
    expectCode(text.length)
    // Compiled twice where it says `import`, since only what does not run may be tried.
    const harmless = StringPrototypeIncludes(text, 'import')
      ? compileHarmless(text, (read) => {
          const tried = read(text)
          tryToCompile(tried)
          return tried
        })
      : disguise(text)
    return nativeEval(harmless)
  },
}

/** Throws when `import` is left as a keyword. What else may be wrong with a script shows when it is evaluated.
 * @param {string} text */
const tryToCompile = (text) => {
  try {
    ReflectConstruct(NativeFunction, [text])
  } catch (error) {
    if (isAboutImport(error, 'import')) throw error
  }
}

/** Replaces `eval` and the four constructors. */
const guardCodeGeneration = () => {
  const guard = guardConstructor(() => {}, undefined)
  guardConstructor(async () => {}, guard)
  guardConstructor(function* () {}, guard)
  guardConstructor(async function* () {}, guard)
  defineOwn(globalThis, 'Function', guard, false)
  replaceNative(globalThis, 'eval', guardedEval.eval)
}
