import { parseArgs } from 'node:util'
import { createBroker } from '../src/index.ts'
import { EXAMPLES, POLICY } from './manifest.ts'
import { showEnded, showRunning } from './progress.ts'
import { type Ended, endExample, startExample } from './run-example.ts'
import { renderSummaryJson, renderSummaryTable } from './summary.ts'

/** Runs every example through the tier its trust leads to. Exit code 0 when each ended as its manifest entry says. */
async function start(json: boolean): Promise<number> {
  const ended: Ended[] = []
  await using broker = await createBroker({ policy: POLICY })
  for (const example of EXAMPLES) {
    const running = await startExample(broker, example)
    const stopShowing = showRunning(example, running, process.stderr)
    const result = await endExample(example, running).finally(stopShowing)
    showEnded(result, process.stderr)
    ended.push(result)
  }
  process.stdout.write(json ? renderSummaryJson(ended) : `\n${renderSummaryTable(ended)}`)
  return ended.every(({ asExpected }) => asExpected) ? 0 : 1
}

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
process.exitCode = await start(values.json)
