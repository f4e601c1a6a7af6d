import vm from 'node:vm'
import { type PrepareOptions, type Program, prepare } from '../../src/program/prepare.ts'

interface ModuleText {
  readonly kind: 'module' | 'commonjs' | 'script' | 'json'
  readonly deps: Readonly<Record<string, string>>
  readonly text: string
  readonly run: (...args: readonly unknown[]) => unknown
}

interface ModuleTable {
  readonly entry: string
  readonly modules: Readonly<Record<string, ModuleText>>
}

type Namespace = Record<string, unknown>

/** What a program came to: the namespace of a module, the exports of CommonJS, the value of a script. */
export interface Ran {
  readonly program: Program
  readonly value: unknown
}

/** Prepares a program that must be ready. */
export function ready(source: string, options: PrepareOptions = {}): Program {
  const prepared = prepare(source, options)
  if (prepared.kind !== 'ready') throw new Error(`The program is ${prepared.kind}: ${JSON.stringify(prepared)}`)
  return prepared.program
}

/** Prepares a program and runs its script in a bare context, with a loader just large enough for these tests. */
export async function run(source: string, options: PrepareOptions = {}, input?: unknown): Promise<Ran> {
  const program = ready(source, options)
  return { program, value: await load(program, input) }
}

/** Runs a prepared program. */
export function load(program: Program, input?: unknown): unknown {
  const context = vm.createContext({ log: [] })
  const table = vm.runInContext(program.script, context, { filename: 'guest:program' }) as ModuleTable
  const host: Namespace = { double: (n: number) => n * 2 }
  const loaded = new Map<string, Namespace | Promise<Namespace>>()
  const required = new Map<string, { exports: unknown }>()

  const textOf = (name: string): ModuleText => {
    const text = table.modules[name]
    if (text === undefined) throw new Error(`no module ${name}`)
    return text
  }
  const targetOf = (from: ModuleText, specifier: string): string => {
    const target = Object.hasOwn(from.deps, specifier) ? from.deps[specifier] : undefined
    if (target === undefined) throw new Error(`cannot import ${specifier}`)
    return target
  }
  const importer = (from: ModuleText) => async (specifier: string) => importModule(targetOf(from, specifier))
  const requireModule = (name: string): unknown => {
    const text = textOf(name)
    if (text.kind === 'json') return JSON.parse(text.text)
    const module = required.get(name) ?? { exports: {} }
    if (required.has(name)) return module.exports
    required.set(name, module)
    const require = (specifier: string): unknown => requireModule(targetOf(text, specifier))
    Reflect.apply(text.run, module.exports, [module.exports, require, module, name, '.', importer(text)])
    return module.exports
  }
  const importModule = async (name: string): Promise<Namespace> => {
    if (name === 'host') return host
    const text = textOf(name)
    if (text.kind === 'json') return { default: JSON.parse(text.text) as unknown }
    if (text.kind === 'commonjs') {
      const exports = requireModule(name)
      return { ...(exports as object), default: exports }
    }
    const known = loaded.get(name)
    if (known !== undefined) return known
    const namespace: Namespace = {}
    // In a cycle, a module meets what is there so far.
    loaded.set(name, namespace)
    const meta = { url: `guest:${name}` }
    const exportAll = (other: Namespace): void => {
      for (const key of Object.keys(other)) {
        if (key === 'default' || Object.hasOwn(namespace, key)) continue
        Object.defineProperty(namespace, key, { enumerable: true, get: () => other[key] })
      }
    }
    await Reflect.apply(text.run, undefined, [namespace, meta, importer(text), importer(text), exportAll])
    return namespace
  }

  const entry = textOf(table.entry)
  if (entry.kind === 'script') return Reflect.apply(entry.run, context, [input, importer(entry)])
  return entry.kind === 'commonjs' ? requireModule(table.entry) : importModule(table.entry)
}
