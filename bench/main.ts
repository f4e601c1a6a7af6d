import process from 'node:process'
import { CommanderError } from 'commander'
import { BAD_USAGE, CRASHED } from '../src/cli/exit-codes.ts'
import { parseBenchOptions } from './bench-options.ts'
import { writeDocs } from './docs-section.ts'
import { renderMarkdown, renderReport, renderRow } from './report.ts'
import { type Progress, runMeasurements } from './run-measurements.ts'
import { chooseSubject } from './subject.ts'

const tell = (text: string): void => void process.stderr.write(`${text}\n`)

const PROGRESS: Progress = {
  onStart: (measurement, tier) => tell(`${measurement}${tier === undefined ? '' : `, ${tier}`} …`),
  onRow: (row) => tell(`  ${renderRow(row)}`),
  onFailure: ({ message }) => tell(`  not measured: ${message}`),
}

/** Measures what the command line asks for. No figure makes it fail; a measurement that cannot be taken does. */
async function bench(args: readonly string[]): Promise<number> {
  try {
    const options = parseBenchOptions(args)
    chooseSubject(options.subject)
    const report = await runMeasurements(options, PROGRESS)
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `\n${renderReport(report)}`)
    if (options.writeDocs) writeDocs(renderMarkdown(report))
    return report.failures.length === 0 ? 0 : CRASHED
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_USAGE
    tell(`ringfence: ${error instanceof Error ? error.message : String(error)}`)
    return CRASHED
  }
}

process.exitCode = await bench(process.argv.slice(2))
