/** The reference: runs composed tests in bare `node:vm` realms, one at a time. A child, since a test may never end. */
import { posix } from 'node:path'
import process from 'node:process'
import vm from 'node:vm'
import type { Composed } from './compose.ts'
import type { Ending } from './judge.ts'

const realm = (): vm.Context => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY)
  Object.assign(context, { console, structuredClone, setTimeout, queueMicrotask })
  return context
}

/** A property of whatever a test has thrown. */
const read = (value: unknown, key: string): unknown =>
  (typeof value === 'object' && value !== null) || typeof value === 'function' ? Reflect.get(value, key) : undefined

const nameOf = (error: unknown): string => {
  const name = read(error, 'name')
  return typeof name === 'string' ? name : String(read(read(error, 'constructor'), 'name'))
}

type Load = (specifier: string) => Promise<vm.Module>

const codeModule = (context: vm.Context, identifier: string, text: string, load: Load): vm.Module =>
  new vm.SourceTextModule(text, {
    context,
    identifier,
    importModuleDynamically: load,
    initializeImportMeta: (meta) => Object.assign(meta, { url: identifier }),
  })

const dataModule = (context: vm.Context, identifier: string, text: string): vm.Module => {
  const module: vm.SyntheticModule = new vm.SyntheticModule(
    ['default'],
    () => module.setExport('default', JSON.parse(text)),
    { context, identifier },
  )
  return module
}

interface Modules {
  readonly make: (name: string) => vm.Module
  readonly evaluated: (module: vm.Module) => Promise<vm.Module>
}

/** Makes modules by their names, from the texts that were given. */
const modulesOf = (context: vm.Context, { filename, source, modules }: Composed): Modules => {
  const made = new Map<string, vm.Module>()
  const link = (specifier: string, from: vm.Module): vm.Module =>
    make(posix.join(posix.dirname(from.identifier), specifier))
  const evaluated = async (module: vm.Module): Promise<vm.Module> => {
    if (module.status === 'unlinked') await module.link(link)
    await module.evaluate()
    return module
  }
  const make = (name: string): vm.Module => {
    const known = made.get(name)
    if (known !== undefined) return known
    const text = name === filename ? source : modules[name]
    if (text === undefined) throw new Error(`Cannot find module "${name}"`)
    const load: Load = async (specifier) => evaluated(make(posix.join(posix.dirname(name), specifier)))
    const module = name.endsWith('.json') ? dataModule(context, name, text) : codeModule(context, name, text, load)
    made.set(name, module)
    return module
  }
  return { make, evaluated }
}

const run = async (test: Composed): Promise<unknown> => {
  const context = realm()
  const { make, evaluated } = modulesOf(context, test)
  if (test.kind === 'module') {
    const { namespace } = await evaluated(make(test.filename))
    return await read(namespace, 'default')
  }
  const importModuleDynamically = async (specifier: string): Promise<vm.Module> =>
    evaluated(make(posix.join(posix.dirname(test.filename), specifier)))
  return await vm.runInContext(test.source, context, { filename: test.filename, importModuleDynamically })
}

const verdictOf = async (test: Composed): Promise<Ending> => {
  try {
    await run(test)
    return { ended: 'returned', name: '', message: '' }
  } catch (error) {
    return { ended: 'threw', name: nameOf(error), message: String(read(error, 'message')).slice(0, 300) }
  }
}

process.on('unhandledRejection', () => {})
process.on('uncaughtException', () => {})
process.on('message', (test: Composed) => {
  void verdictOf(test).then((verdict) => process.send?.(verdict))
})
process.on('disconnect', () => process.exit())
