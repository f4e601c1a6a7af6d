import assert from 'node:assert/strict'
import process from 'node:process'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import type { Data, Execution, HostFunctionSpec } from '../../src/index.ts'
import { CANARY, HostState } from '../attacks/host-state.ts'
import { openScene, type Scene, VARIANTS, type Variant } from '../contract/scene.ts'
import { describeGraph } from './describe-graph.ts'
import { hostilePrograms, MODULES, steadyPrograms } from './guest-grammar.ts'
import type { Target } from './target.ts'

const SMALL = { wallMs: 50, cpuMs: 50, outputBytes: 10_000, logBytes: 10_000, hostCalls: 20 }
/** Room enough for what ends by itself, however busy the machine is. */
const AMPLE = { wallMs: 10_000, cpuMs: 10_000, outputBytes: 100_000, logBytes: 100_000, hostCalls: 20 }
const PATIENCE_MS = 10_000
const KINDS = ['returned', 'threw', 'exceeded', 'crashed']

/** Every tier behind a broker of its own, and the host that none may touch. */
interface Opened {
  readonly scenes: ReadonlyMap<Variant, Scene>
  readonly host: HostState
  readonly strays: unknown[]
}

let opened: Promise<Opened> | undefined
let strays: unknown[] = []

/** Node shows every listener the rejections of realms in its own thread too; only those of the host's are its own. */
const onStray = (reason: unknown, promise: Promise<unknown>): void => {
  if (Reflect.getPrototypeOf(promise) === Promise.prototype) strays.push(reason)
}

const openAll = async (): Promise<Opened> => {
  const scenes = await Promise.all(VARIANTS.map(async (variant) => [variant, await openScene(variant)] as const))
  // What a tier finds out about the machine when it is first used is no part of a case.
  for (const [, scene] of scenes) await scene.run('1')
  strays = []
  process.on('unhandledRejection', onStray)
  return { scenes: new Map(scenes), host: new HostState(), strays }
}

const openedOnce = (): Promise<Opened> => (opened ??= openAll())

async function close(): Promise<void> {
  const was = await opened
  opened = undefined
  process.off('unhandledRejection', onStray)
  was?.host.restore()
  for (const scene of was?.scenes.values() ?? []) await scene[Symbol.asyncDispose]()
}

/** One run of a program, and what it did to the host. */
interface Observed {
  readonly execution: Execution
  readonly effects: () => number
}

async function observe(scene: Scene, text: string, limits: typeof SMALL): Promise<Observed> {
  let effects = 0
  const functions: Readonly<Record<string, HostFunctionSpec>> = {
    echo: (value) => {
      effects += 1
      return value
    },
    atOnce: {
      sync: true,
      call: (value: Data) => {
        effects += 1
        return value
      },
    },
    fails: () => {
      throw Object.assign(new Error('refused by the host'), { secret: CANARY })
    },
  }
  const execution = await scene.run(text, { input: 1, functions, modules: MODULES, limits })
  const shown = inspect(execution, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity })
  assert.ok(!shown.includes(CANARY), 'it shows a canary of the host')
  assert.ok(!shown.includes(process.cwd()), 'it shows where the host is')
  return { execution, effects: () => effects }
}

/** Runs a program in one tier: it ends in words, in time, and leaves host and broker as they were. */
async function endure(variant: Variant, text: string): Promise<void> {
  const { scenes, host, strays: seen } = await openedOnce()
  const scene = scenes.get(variant)
  assert.ok(scene)
  const since = performance.now()
  const { execution, effects } = await observe(scene, text, SMALL)
  const { outcome, usage, logs } = execution
  const done = effects()
  assert.ok(KINDS.includes(outcome.kind), outcome.kind)
  assert.ok(performance.now() - since < PATIENCE_MS, 'it ended too late')
  assert.ok(usage.outputBytes >= 0)
  assert.ok(done <= SMALL.hostCalls, 'it called the host too often')
  for (const { text: line } of logs) assert.equal(typeof line, 'string')
  structuredClone(outcome)
  host.check()
  const honest = await scene.run('export default (x) => x * 2', { input: 21 })
  assert.deepEqual(honest.outcome, { kind: 'returned', value: 42 })
  assert.equal(effects(), done, 'it called the host after its end')
  assert.deepEqual(seen, [])
}

/** What a caller can tell one tier from another by: how it ended, what it logged and what it asked of the host. */
function story({ execution: { outcome, logs }, effects }: Observed): string {
  const said = logs.map(({ level, text }) => `${level}: ${text}`)
  const ending =
    outcome.kind === 'threw'
      ? [outcome.kind, outcome.error.name, outcome.error.message].join(' ')
      : describeGraph(outcome)
  return [ending, ...said, `${effects()} effects`].join('\n')
}

async function sameEverywhere(text: string): Promise<void> {
  const { scenes } = await openedOnce()
  const stories = new Map<Variant, string>()
  for (const [variant, scene] of scenes) stories.set(variant, story(await observe(scene, text, AMPLE)))
  for (const [variant, told] of stories) assert.equal(told, stories.get('vm'), `in ${variant}`)
}

export const kernel: Target = {
  name: 'kernel',
  checks: [
    {
      title:
        'any program in any tier ends in words and in time, shows and changes nothing of the host, and the next is served',
      runs: 15,
      property: () => fc.asyncProperty(fc.constantFrom(...VARIANTS), hostilePrograms, endure),
    },
    {
      title: 'a program that ends by itself ends the same in every tier, with the same logs and effects',
      runs: 8,
      property: () => fc.asyncProperty(steadyPrograms, sameEverywhere),
    },
  ],
  close,
}
