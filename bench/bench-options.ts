import { Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import type { TierId } from '../src/index.ts'
import { CATALOGUE } from './catalogue.ts'
import type { Pace } from './measurement.ts'
import { TIERS } from './routes.ts'
import type { Subject } from './subject.ts'

/** What a run of the benchmark was told. */
export interface BenchOptions {
  readonly tiers: readonly TierId[]
  readonly only: readonly string[]
  readonly pace: Pace
  readonly subject: Subject
  readonly json: boolean
  readonly writeDocs: boolean
}

const optionsSchema = z.object({
  tier: z.array(z.enum(['vm', 'worker', 'isolate', 'process'])).default([...TIERS]),
  only: z.array(z.string()).default(CATALOGUE.map(({ name }) => name)),
  quick: z.boolean().default(false),
  sources: z.boolean().default(false),
  json: z.boolean().default(false),
  writeDocs: z.boolean().default(false),
})

const MEASUREMENTS = CATALOGUE.map(({ name, summary }) => `  ${name.padEnd(17)} ${summary}`).join('\n')

/** Reads the command line. Throws commander's own errors, after it has printed them. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const command = new Command('npm run bench --')
    .description('Measures every tier beside the raw mechanism used by hand, and prints the ratios.')
    .option('--tier <list>', `tiers to measure, separated by commas (default: ${TIERS.join(',')})`, listOf(TIERS))
    .option('--only <list>', 'measurements to take, separated by commas', listOf(CATALOGUE.map(({ name }) => name)))
    .option('--quick', 'few samples: shows that it works, proves little')
    .option('--sources', 'measure the sources in place of the package in dist/, which is what users get')
    .option('--json', 'print one JSON document on the standard output, and nothing else there')
    .option('--write-docs', 'put the table into docs/benchmarks.md')
    .addHelpText('after', `\nMeasurements:\n${MEASUREMENTS}\n`)
    .exitOverride()
    .allowExcessArguments(false)
    .parse(args, { from: 'user' })
  const { tier, only, quick, sources, json, writeDocs } = optionsSchema.parse(command.opts())
  return {
    tiers: tier,
    only,
    pace: quick ? 'quick' : 'full',
    subject: sources ? 'sources' : 'built',
    json,
    writeDocs,
  }
}

function listOf(known: readonly string[]): (text: string) => readonly string[] {
  return (text) => {
    const names = text.split(',')
    const stranger = names.find((name) => !known.includes(name))
    if (stranger !== undefined) throw new InvalidArgumentError(`"${stranger}" is none of ${known.join(', ')}.`)
    return names
  }
}
