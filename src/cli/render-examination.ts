import type { IsolationLevel, TierId, TrustLevel } from '../core/types.ts'
import type { RuntimeReport, TierIsolation } from '../index.ts'
import { renderTable } from './render-table.ts'
import { visibleText } from './visible-text.ts'

/** Whether code of one trust level can run here, and what policy demands for it. */
export interface TrustCheck {
  readonly trust: TrustLevel
  readonly tier?: TierId
  readonly demanded?: IsolationLevel
  readonly runs: boolean
}

/** Everything `doctor` found out. */
export interface Examined {
  readonly platform: string
  readonly runtime: RuntimeReport
  readonly tiers: readonly TierIsolation[]
  readonly trust: readonly TrustCheck[]
}

const WIDE = 72

/** Renders what `doctor` found for people: what runs, behind what, what is missing and how to mend it. */
export function renderExamination({ platform, runtime, tiers, trust }: Examined): string {
  const { node, v8, isolatedVm, gaps } = runtime
  const missing = tiers.flatMap(({ tier, missing: lacks }) => lacks.map((one) => ({ tier, ...one })))
  return [
    `Node ${node}, V8 ${v8}, isolated-vm ${isolatedVm} on ${platform}\n`,
    ...gaps.map((gap) => `! ${gap}\n`),
    '\nWhat the operating system adds to each wall, as seen from inside it\n\n',
    renderTable(
      [{ title: 'tier' }, { title: 'isolation' }, { title: 'layers', width: WIDE }],
      tiers.map(({ tier, level, layers }) => [tier, level, layers.length === 0 ? '-' : layers.join(', ')]),
    ),
    ...(missing.length === 0 ? [] : ['\nWhat is missing\n\n', renderMissing(missing)]),
    '\nWhat runs here\n\n',
    renderTable(
      [{ title: 'trust' }, { title: 'tier' }, { title: 'demands' }, { title: 'here' }],
      trust.map(({ trust: level, tier = '-', demanded = '-', runs }) => [
        level,
        tier,
        demanded,
        runs ? 'runs' : 'refused',
      ]),
    ),
  ].join('')
}

function renderMissing(missing: readonly { tier: TierId; layer: string; cause: string; fix: string }[]): string {
  return renderTable(
    [
      { title: 'tier' },
      { title: 'layer' },
      { title: 'why not', width: WIDE / 2 },
      { title: 'what to do', width: WIDE },
    ],
    missing.map(({ tier, layer, cause, fix }) => [tier, layer, visibleText(cause), visibleText(fix)]),
  )
}
