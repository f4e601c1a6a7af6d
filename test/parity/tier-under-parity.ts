import type { LoadedProgram, RunOptions } from '../../src/index.ts'
import type { Scene } from '../contract/scene.ts'
import { LENT } from './functions.ts'
import { observe } from './observe.ts'
import type { ParityProgram } from './program.ts'

/** Runs a program in a sandbox of its own, made for it. */
export async function observeFresh(scene: Scene, program: ParityProgram): Promise<string> {
  return observe(await scene.run(program.source, optionsOf(program)))
}

/** Calls a program twice in one warm sandbox, or as often as that lives. */
export async function observeWarm(scene: Scene, program: ParityProgram): Promise<readonly string[]> {
  await using loaded = await scene.load(program.source, { ...optionsOf(program), pool: { min: 1, max: 1 } })
  return [observe(await loaded.call()), observe(await loaded.call())]
}

/** Calls many programs, each twice, in one warm sandbox, as modules of one program. */
export async function observeTogether(
  scene: Scene,
  programs: readonly ParityProgram[],
): Promise<ReadonlyMap<ParityProgram, readonly string[]>> {
  const modules = Object.fromEntries(programs.map(({ source }, index) => [nameOf(index), source]))
  const loads = programs.map((_, index) => `'${nameOf(index)}': () => import('${nameOf(index)}'),`).join('\n')
  const source = `const programs = {\n${loads}\n}\nexport default async (name) => (await programs[name]()).default()`
  const options = { ...OPTIONS, modules, pool: { min: 1, max: 1 } }
  await using loaded = await scene.load(source, options)
  const seen = new Map<ParityProgram, readonly string[]>()
  for (const [index, program] of programs.entries()) seen.set(program, await callTwice(loaded, nameOf(index)))
  return seen
}

/** Whether it can be called among others: one module that returns, tells no place or stack, and leaves nothing behind. */
export function goesTogether({ expected, modules, source, again, filename }: ParityProgram): boolean {
  if (filename !== ENTRY || Object.keys(modules).length > 0 || !again) return false
  if (expected.includes(ENTRY) || source.includes('stack')) return false
  return expected.startsWith('returned') && /^export default (async )?\(\) =>/m.test(source)
}

const ENTRY = 'program.ts'

/** What every program is run with; the limits are generous, for machines that have other things to do. */
const OPTIONS: RunOptions = { functions: LENT, limits: { wallMs: 10_000, cpuMs: 10_000 } }

const optionsOf = ({ filename, modules }: ParityProgram): RunOptions => ({ ...OPTIONS, filename, modules })

const nameOf = (index: number): string => `./program-${index}.ts`

const callTwice = async (loaded: LoadedProgram, name: string): Promise<readonly string[]> => [
  observe(await loaded.call(name)),
  observe(await loaded.call(name)),
]
