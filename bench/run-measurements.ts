import type { TierId } from '../src/index.ts'
import type { BenchOptions } from './bench-options.ts'
import { CATALOGUE } from './catalogue.ts'
import { describeMachine, loadNow, type Machine } from './machine.ts'
import type { Measurement } from './measurement.ts'
import type { Row } from './row.ts'

/** A measurement that could not be taken, which says nothing of any figure. */
export interface Failure {
  readonly measurement: string
  readonly tier?: TierId
  readonly message: string
}

/** Everything one run of the benchmark found. */
export interface BenchReport {
  readonly pace: BenchOptions['pace']
  readonly subject: BenchOptions['subject']
  readonly startedAt: string
  readonly durationMs: number
  readonly machine: Machine
  readonly loadBefore: number
  readonly loadAfter: number
  readonly rows: readonly Row[]
  readonly failures: readonly Failure[]
}

/** Told of everything as soon as it is known. */
export interface Progress {
  onStart(measurement: string, tier: TierId | undefined): void
  onRow(row: Row): void
  onFailure(failure: Failure): void
}

/** Takes the measurements that are wanted, one after the other. A failing one does not keep the others from being taken. */
export async function runMeasurements(options: BenchOptions, progress: Progress): Promise<BenchReport> {
  const startedAt = new Date().toISOString()
  const since = performance.now()
  const loadBefore = loadNow()
  const rows: Row[] = []
  const failures: Failure[] = []
  for (const measurement of CATALOGUE) {
    if (!options.only.includes(measurement.name)) continue
    for (const tier of tiersOf(measurement, options)) {
      const named = { measurement: measurement.name, ...(tier !== undefined && { tier }) }
      progress.onStart(measurement.name, tier)
      try {
        const taken = await measurement.measure(tier ?? 'vm', options.pace)
        rows.push(...taken)
        for (const row of taken) progress.onRow(row)
      } catch (error) {
        const failure = { ...named, message: error instanceof Error ? error.message : String(error) }
        failures.push(failure)
        progress.onFailure(failure)
      }
    }
  }
  return {
    pace: options.pace,
    subject: options.subject,
    startedAt,
    durationMs: performance.now() - since,
    machine: describeMachine(),
    loadBefore,
    loadAfter: loadNow(),
    rows,
    failures,
  }
}

function tiersOf({ tiers }: Measurement, options: BenchOptions): readonly (TierId | undefined)[] {
  return tiers === 'none' ? [undefined] : tiers.filter((tier) => options.tiers.includes(tier))
}
