/**
 * Texts that the host has evaluated one after the other in one realm, as a prompt does. Each comes as a script whose value
 * is a table with one function; what it declares at its top level is kept here, by name.
 */

/** No export has this name: the host refuses control characters in those. */
const EVALUATE = '\0evaluate'

/** @type {Record<string, unknown>} Looked up by `with`: it inherits nothing, so that only what was declared is in it. */
const declaredNames = ObjectCreate(null)

/** A name that is not there before it is assigned, and, if constant, not assigned again. A later text may declare it anew.
 * @param {string} name @param {boolean} isConstant */
const declareLexical = (name, isConstant) => {
  /** @type {unknown} */
  let value
  let isAssigned = false
  ObjectDefineProperty(
    declaredNames,
    name,
    /** @type {PropertyDescriptor} */ ({
      __proto__: null,
      configurable: true,
      enumerable: true,
      get: () => {
        if (!isAssigned) throw new ReferenceErrorCtor(`Cannot access '${name}' before initialization`)
        return value
      },
      set: (/** @type {unknown} */ next) => {
        if (isAssigned && isConstant) throw new TypeErrorCtor('Assignment to constant variable.')
        isAssigned = true
        value = next
      },
    }),
  )
}

/** @param {string} name */
const declareVariable = (name) => {
  const known = ObjectGetOwnPropertyDescriptor(declaredNames, name)
  if (known !== undefined && ObjectHasOwn(known, 'value')) return
  defineOwn(declaredNames, name, undefined)
}

/** @param {Record<string, string>} names */
const declareNames = (names) => {
  const list = ObjectKeys(names)
  for (let i = 0; i < list.length; i += 1) {
    const name = list[i]
    if (names[name] === 'var') declareVariable(name)
    else declareLexical(name, names[name] === 'const')
  }
}

/** What `import()` in a text reaches: what the program can import, and every module it was given, by its name. What bears
 * our own name is for the kernel alone.
 * @param {ModuleRecord} entry @param {unknown} specifier */
const importFromText = async (entry, specifier) => {
  const wanted = `${/** @type {any} */ (specifier)}`
  if (ObjectHasOwn(entry.text.deps, wanted)) return importModule(entry.text.deps[wanted], undefined, entry.name)
  if (StringPrototypeStartsWith(wanted, 'ringfence:')) throw missingModule(wanted, entry.name)
  return importModule(wanted, undefined, entry.name)
}

/** Runs the program first if that has not run, then the text, and ends the call with the text's value.
 * @param {ModuleRecord} entry @param {string} script made by the host's compiler */
const evaluateText = async (entry, script) => {
  try {
    if (entry.text.kind !== 'script') await evaluateModule(entry, undefined)
    if (script.length > longestCode) {
      throw new RangeErrorCtor(`Cannot evaluate ${script.length} characters: at most ${longestCode} fit here`)
    }
    const { entry: name, modules } = nativeEval(disguise(script))
    const { names, run } = modules[name]
    declareNames(names)
    const load = (/** @type {unknown} */ specifier) => importFromText(entry, specifier)
    returnFromCall(await ReflectApply(run, undefined, [entry.exports, declaredNames, load]))
  } catch (error) {
    failCall(error)
  }
}
