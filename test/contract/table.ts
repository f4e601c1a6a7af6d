import type { Tier } from '../../src/core/sandbox.ts'
import { isolateTier } from '../../src/tiers/isolate/tier.ts'
import { processTier } from '../../src/tiers/process/tier.ts'
import { vmTier } from '../../src/tiers/vm/tier.ts'
import { workerTier } from '../../src/tiers/worker/tier.ts'
import { DEVIATIONS } from './deviations.ts'
import { GUARANTEES } from './guarantees.ts'

const START = '<!-- guarantees:start -->'
const END = '<!-- guarantees:end -->'

/** In the order of the table's columns; making a tier starts nothing. */
const TIERS: readonly Tier[] = [vmTier(), workerTier(), isolateTier(), processTier()]

const TRAITS: readonly { readonly row: string; readonly of: (tier: Tier) => string }[] = [
  { row: 'The wall around a guest', of: ({ traits }) => traits.boundary },
  { row: 'Its memory limit is', of: ({ traits }) => traits.memory.replace('-', ' ') },
  { row: 'Its CPU time is', of: ({ traits }) => (traits.cpu === 'metered' ? 'metered' : 'bounded by wall time') },
]

/** The table of guarantees per tier as Markdown: what each tier's traits say, and the rows of the contract suite. */
export function guaranteeTable(): string {
  const rows = [
    ['', ...TIERS.map(({ id }) => `\`${id}\``)],
    ['---', ...TIERS.map(() => '---')],
    ...TRAITS.map(({ row, of }) => [row, ...TIERS.map(of)]),
    ...GUARANTEES.map(({ row }) => [row, ...TIERS.map((tier) => cellOf(row, tier))]),
  ]
  return rows.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

/** The text with the table between its markers. Throws when it has none. */
export function withTable(text: string): string {
  const [before, rest] = text.split(START)
  const [, after] = rest?.split(END) ?? []
  if (before === undefined || after === undefined) {
    throw new Error(`Cannot put the table: there is no ${START} … ${END}`)
  }
  return `${before}${START}\n${guaranteeTable()}${END}${after}`
}

const cellOf = (row: string, { id }: Tier): string => DEVIATIONS[id].find((one) => one.row === row)?.instead ?? '✓'
