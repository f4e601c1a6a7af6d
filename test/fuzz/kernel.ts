import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { type Broker, createBroker, type Execution, type TierId } from '../../src/index.ts'
import { HostState } from '../attacks/host-state.ts'
import { describeGraph } from './describe-graph.ts'
import { hostilePrograms, steadyPrograms } from './guest-grammar.ts'
import type { Target } from './target.ts'

const TIERS: readonly TierId[] = ['vm', 'isolate']
const SMALL = { wallMs: 50, cpuMs: 50, outputBytes: 10_000, logBytes: 10_000, hostCalls: 20 }
/** Room enough for what ends by itself, however busy the machine is. */
const AMPLE = { wallMs: 10_000, cpuMs: 10_000, outputBytes: 100_000, logBytes: 100_000, hostCalls: 20 }
const PATIENCE_MS = 10_000
const KINDS = ['returned', 'threw', 'exceeded', 'crashed']

let opened: { readonly broker: Broker; readonly host: HostState; readonly strays: unknown[] } | undefined

/** Node shows every listener the rejections of realms in its own thread too; only those of the host's are its own. */
const onStray = (reason: unknown, promise: Promise<unknown>): void => {
  if (Reflect.getPrototypeOf(promise) === Promise.prototype) opened?.strays.push(reason)
}

async function scene(): Promise<NonNullable<typeof opened>> {
  if (opened === undefined) {
    opened = { broker: await createBroker(), host: new HostState(), strays: [] }
    process.on('unhandledRejection', onStray)
  }
  return opened
}

async function close(): Promise<void> {
  const was = opened
  opened = undefined
  process.off('unhandledRejection', onStray)
  was?.host.restore()
  await was?.broker.close()
}

const functions = {
  echo: (value: unknown): unknown => value,
  fails: (): never => {
    throw new Error('refused by the host')
  },
}

const runIn = (broker: Broker, tier: TierId, text: string, limits: typeof SMALL): Promise<Execution> =>
  broker.run(text, { trust: 'trusted', tier, input: 1, functions, limits })

/** Runs a program in one tier: it ends in words, in time, and leaves host and broker as they were. */
async function endure(tier: TierId, text: string): Promise<void> {
  const { broker, host, strays } = await scene()
  const since = performance.now()
  const { outcome, usage, logs } = await runIn(broker, tier, text, SMALL)
  assert.ok(KINDS.includes(outcome.kind), outcome.kind)
  assert.ok(performance.now() - since < PATIENCE_MS, 'it ended too late')
  assert.ok(usage.outputBytes >= 0)
  for (const { text: line } of logs) assert.equal(typeof line, 'string')
  structuredClone(outcome)
  host.check()
  const honest = await broker.run('export default (x) => x * 2', { trust: 'trusted', tier, input: 21 })
  assert.deepEqual(honest.outcome, { kind: 'returned', value: 42 })
  assert.deepEqual(strays, [])
}

/** What a caller can tell one tier from another by: how it ended and what it logged. */
function story({ outcome, logs }: Execution): string {
  const said = logs.map(({ level, text }) => `${level}: ${text}`)
  const ending =
    outcome.kind === 'threw'
      ? [outcome.kind, outcome.error.name, outcome.error.message].join(' ')
      : describeGraph(outcome)
  return [ending, ...said].join('\n')
}

async function sameEverywhere(text: string): Promise<void> {
  const { broker } = await scene()
  const [inRealm, inIsolate] = [await runIn(broker, 'vm', text, AMPLE), await runIn(broker, 'isolate', text, AMPLE)]
  assert.equal(story(inRealm), story(inIsolate))
}

export const kernel: Target = {
  name: 'kernel',
  checks: [
    {
      title: 'any program ends in words and in time, and the next one is served',
      runs: 30,
      property: () => fc.asyncProperty(fc.constantFrom(...TIERS), hostilePrograms, endure),
    },
    {
      title: 'a program that ends by itself ends the same in a realm and in an isolate, with the same logs',
      runs: 40,
      property: () => fc.asyncProperty(steadyPrograms, sameEverywhere),
    },
  ],
  close,
}
