import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { describeOutcome } from '../src/cli/render-ending.ts'
import type { Broker, Data, Execution, Running } from '../src/index.ts'
import type { Example, Expectation } from './manifest.ts'

/** An example that has ended. */
export interface Ended {
  readonly example: Example
  readonly execution: Execution
  readonly asExpected: boolean
}

/** Starts one example with everything its manifest entry names. */
export async function startExample(
  broker: Broker,
  { file, trust, options, input, imports }: Example,
): Promise<Running> {
  const modules = await Promise.all(
    (imports ?? []).map(
      async (name): Promise<[string, string]> => [`./${name}`, await readExample(`programs/${name}`)],
    ),
  )
  return broker.start(await readExample(`programs/${file}`), {
    ...options,
    trust,
    filename: file,
    ...(input !== undefined && { input: await readInput(input) }),
    ...(modules.length > 0 && { modules: Object.fromEntries(modules) }),
  })
}

/** Waits for the end of an example and compares it with what its manifest entry expects. */
export async function endExample(example: Example, running: Running): Promise<Ended> {
  const execution = await running.result
  return { example, execution, asExpected: meets(execution, example.expected) }
}

function meets({ tier, outcome }: Execution, expected: Expectation): boolean {
  if (tier !== expected.tier || !expected.outcomes.includes(describeOutcome(outcome))) return false
  if (outcome.kind !== 'returned' || expected.answer === undefined) return true
  const { value: returned } = outcome
  const answer = new Map<string, Data>(
    typeof returned === 'object' && returned !== null ? Object.entries(returned) : [],
  )
  return Object.entries(expected.answer).every(([key, value]) => isDeepStrictEqual(answer.get(key), value))
}

async function readInput(input: NonNullable<Example['input']>): Promise<Data> {
  return 'value' in input ? input.value : JSON.parse(await readExample(`data/${input.file}`))
}

function readExample(path: string): Promise<string> {
  return readFile(new URL(path, import.meta.url), 'utf8')
}
