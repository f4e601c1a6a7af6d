/** What became of the tests of one directory in one place. */
export interface Tally {
  passed: number
  failed: number
  /** Failed in a bare realm of this Node too, and not run in the tier. */
  bareFails: number
  readonly skipped: Record<string, number>
}

const emptyTally = (): Tally => ({ passed: 0, failed: 0, bareFails: 0, skipped: {} })

/** Counts by directory and tier. */
export class Tallies {
  readonly #counts = new Map<string, Map<string, Tally>>()

  of(file: string, tier: string): Tally {
    const directory = file.split('/').slice(0, 2).join('/')
    const tiers = this.#counts.get(directory) ?? new Map<string, Tally>()
    this.#counts.set(directory, tiers)
    const tally = tiers.get(tier) ?? emptyTally()
    tiers.set(tier, tally)
    return tally
  }

  /** By directory, then by tier. */
  toJSON(): Record<string, Record<string, Tally>> {
    return Object.fromEntries([...this.#counts].map(([name, tiers]) => [name, Object.fromEntries(tiers)]))
  }

  /** A table in Markdown; the shares are of what a bare realm passes. */
  table(tiers: readonly string[]): string {
    const rows = [...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const total = new Map<string, Tally>(tiers.map((tier) => [tier, emptyTally()]))
    const lines = rows.map(([name, counts]) => line(name, tiers, counts, total))
    const head = `| directory | skipped | fails bare | ${tiers.join(' | ')} |`
    const rule = `| --- | --- | --- |${' --- |'.repeat(tiers.length)}`
    return [head, rule, ...lines, line('**all**', tiers, total, undefined)].join('\n')
  }
}

function line(
  name: string,
  tiers: readonly string[],
  counts: ReadonlyMap<string, Tally>,
  total: ReadonlyMap<string, Tally> | undefined,
): string {
  const first = counts.get(tiers[0] ?? '') ?? emptyTally()
  const skipped = Object.values(first.skipped).reduce((sum, count) => sum + count, 0)
  const cells = tiers.map((tier) => {
    const { passed, failed, bareFails, skipped: reasons } = counts.get(tier) ?? emptyTally()
    const sum = total?.get(tier)
    if (sum !== undefined) {
      sum.passed += passed
      sum.failed += failed
      sum.bareFails += bareFails
      for (const [why, count] of Object.entries(reasons)) sum.skipped[why] = (sum.skipped[why] ?? 0) + count
    }
    const share = passed + failed === 0 ? '' : ` (${((100 * passed) / (passed + failed)).toFixed(2)} %)`
    return `${passed}/${passed + failed}${share}`
  })
  return `| ${name} | ${skipped} | ${first.bareFails} | ${cells.join(' | ')} |`
}
