// The console of a guest: the usual methods, writing whole entries of bounded length through one function.

const MAX_GROUP_INDENTATION = 100
const CONSOLE_LEVELS = 'debug error info log warn'

/** @typedef {'debug' | 'log' | 'info' | 'warn' | 'error'} ConsoleLevel */
/** @typedef {{ emit: (level: ConsoleLevel, text: string) => void, now: () => number, indentation: number,
 *   counts: Map<string, number>, timers: Map<string, number> }} ConsoleState */

/** @param {ConsoleState} state @param {ConsoleLevel} level @param {string} text */
const writeConsole = (state, level, text) => {
  const spaces = StringPrototypeRepeat(' ', state.indentation)
  state.emit(level, clip(spaces + indentLines(text, state.indentation), MAX_LOG_LENGTH))
}

/** The name of a counter or timer.
 * @param {unknown} label */
const labelText = (label) => {
  if (label === undefined) return 'default'
  try {
    return clip(StringCtor(label), 1000)
  } catch {
    // A `toString` that throws: any name will do.
    return '[object]'
  }
}

/** Milliseconds as Node's console.time shows them.
 * @param {number} ms */
const showDuration = (ms) => {
  if (ms < 1000) return `${+NumberPrototypeToFixed(ms, 3)}ms`
  if (ms < 60_000) return `${NumberPrototypeToFixed(ms / 1000, 3)}s`
  const minutes = MathFloor(ms / 60_000)
  const seconds = StringPrototypePadStart(NumberPrototypeToFixed((ms % 60_000) / 1000, 3), 6, '0')
  return `${minutes}:${seconds} (m:ss.mmm)`
}

/** Arguments without the first.
 * @param {readonly unknown[]} args */
const restOf = (args) => {
  /** @type {unknown[]} */
  const rest = createList()
  for (let index = 1; index < args.length; index++) rest[index - 1] = args[index]
  return rest
}

/** Adds a method that gets its arguments as a list. Methods are objects' own: no `this` is needed to call them.
 * @param {Record<string, unknown>} target @param {string} name @param {(args: readonly unknown[]) => void} run */
const addConsoleMethod = (target, name, run) => {
  const { method } = {
    method(/** @type {unknown[]} */ ...args) {
      run(args)
    },
  }
  ObjectDefineProperty(method, 'name', { value: name })
  defineOwn(target, name, method)
}

/** @param {Record<string, unknown>} target @param {ConsoleState} state */
const addCounters = (target, state) => {
  addConsoleMethod(target, 'count', (args) => {
    const label = labelText(args.length > 0 ? args[0] : undefined)
    const count = (MapPrototypeGet(state.counts, label) ?? 0) + 1
    MapPrototypeSet(state.counts, label, count)
    writeConsole(state, 'log', `${label}: ${count}`)
  })
  addConsoleMethod(target, 'countReset', (args) => {
    const label = labelText(args.length > 0 ? args[0] : undefined)
    if (!MapPrototypeDelete(state.counts, label)) writeConsole(state, 'warn', `Count for '${label}' does not exist`)
  })
}

/** @param {Record<string, unknown>} target @param {ConsoleState} state */
const addTimers = (target, state) => {
  addConsoleMethod(target, 'time', (args) => {
    const label = labelText(args.length > 0 ? args[0] : undefined)
    if (!MapPrototypeHas(state.timers, label)) MapPrototypeSet(state.timers, label, state.now())
    else writeConsole(state, 'warn', `Label '${label}' already exists for console.time()`)
  })
  const report = (/** @type {string} */ name, /** @type {boolean} */ ends) =>
    addConsoleMethod(target, name, (args) => {
      const label = labelText(args.length > 0 ? args[0] : undefined)
      const start = MapPrototypeGet(state.timers, label)
      if (start === undefined) return writeConsole(state, 'warn', `No such label '${label}' for console.${name}()`)
      const duration = `${label}: ${showDuration(state.now() - start)}`
      const rest = ends ? '' : formatLog(restOf(args))
      if (ends) MapPrototypeDelete(state.timers, label)
      writeConsole(state, 'log', rest === '' ? duration : `${duration} ${rest}`)
    })
  report('timeEnd', true)
  report('timeLog', false)
}

/** @param {Record<string, unknown>} target @param {ConsoleState} state */
const addGroups = (target, state) => {
  const open = (/** @type {readonly unknown[]} */ args) => {
    if (args.length > 0) writeConsole(state, 'log', formatLog(args))
    state.indentation = MathMin(state.indentation + 2, MAX_GROUP_INDENTATION)
  }
  addConsoleMethod(target, 'group', open)
  addConsoleMethod(target, 'groupCollapsed', open)
  addConsoleMethod(target, 'groupEnd', () => {
    state.indentation = MathMax(state.indentation - 2, 0)
  })
}

/** The frames of whoever called the console, without the console's own.
 * @param {string} text */
const traceText = (text) => {
  const stack = readGuarded(new ErrorCtor(), 'stack')
  const frames = typeof stack === 'string' ? StringPrototypeIndexOf(stack, '\n    at') : -1
  const header = text === '' ? 'Trace' : `Trace: ${text}`
  return frames === -1 ? header : header + StringPrototypeSlice(/** @type {string} */ (stack), frames)
}

/** @param {Record<string, unknown>} target @param {ConsoleState} state */
const addReports = (target, state) => {
  addConsoleMethod(target, 'trace', (args) => writeConsole(state, 'error', traceText(formatLog(args))))
  addConsoleMethod(target, 'assert', (args) => {
    if (args.length > 0 && args[0]) return
    const first = args.length > 1 ? args[1] : undefined
    const rest = restOf(args)
    if (typeof first === 'string') rest[0] = `Assertion failed: ${first}`
    const text = formatLog(rest)
    writeConsole(state, 'error', typeof first === 'string' ? text : `Assertion failed${text === '' ? '' : ` ${text}`}`)
  })
  addConsoleMethod(target, 'dir', (args) =>
    writeConsole(state, 'log', inspect(args.length > 0 ? args[0] : undefined, MAX_LOG_LENGTH)),
  )
  addConsoleMethod(target, 'dirxml', (args) => writeConsole(state, 'log', formatLog(args)))
  addConsoleMethod(target, 'table', (args) => {
    const data = args.length > 0 ? args[0] : undefined
    writeConsole(state, 'log', (typeof data === 'object' && data !== null && tableText(data)) || formatLog(args))
  })
  addConsoleMethod(target, 'clear', () => {})
}

/** A console that hands each entry to `emit` and reads the time from `now`.
 * @param {(level: ConsoleLevel, text: string) => void} emit @param {() => number} now
 * @returns {object} */
const createConsole = (emit, now) => {
  /** @type {ConsoleState} */
  const state = { emit, now, indentation: 0, counts: new MapCtor(), timers: new MapCtor() }
  /** @type {Record<string, unknown>} */
  const target = {}
  for (let from = 0; from < CONSOLE_LEVELS.length; ) {
    const space = StringPrototypeIndexOf(CONSOLE_LEVELS, ' ', from)
    const end = space === -1 ? CONSOLE_LEVELS.length : space
    const level = /** @type {ConsoleLevel} */ (StringPrototypeSlice(CONSOLE_LEVELS, from, end))
    addConsoleMethod(target, level, (args) => writeConsole(state, level, formatLog(args)))
    from = end + 1
  }
  addGroups(target, state)
  addCounters(target, state)
  addTimers(target, state)
  addReports(target, state)
  ObjectDefineProperty(target, SymbolToStringTag, { value: 'console', configurable: true })
  return target
}
