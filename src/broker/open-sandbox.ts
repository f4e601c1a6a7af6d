import { RingfenceError } from '../core/errors.ts'
import { type IsolationReport, isIsolatedAtLeast } from '../core/isolation.ts'
import type { Sandbox } from '../core/sandbox.ts'
import { STREAM_PUT, STREAM_TAKE } from '../core/stream-names.ts'
import type { Isolation, IsolationLevel, TierId } from '../core/types.ts'
import type { AuditEvent } from './events.ts'
import { type CallerBox, lend } from './host-functions.ts'
import type { Runnable } from './plan.ts'
import { inputFunction, streamFunction } from './stream-function.ts'

/** A sandbox, and the box its host functions look into to learn who calls. */
export interface Opened {
  readonly sandbox: Sandbox
  readonly box: CallerBox
  readonly openMs: number
  readonly isolation: Isolation
}

/**
 * Opens a sandbox for a program. Whoever asked owns it. Rejects with `RF_ISOLATION_TOO_WEAK`, before anything of the
 * guest is anywhere, when the operating system adds less to the tier's wall here than policy demands.
 */
export async function openSandbox(
  {
    tier,
    program,
    limits,
    workload,
    trust,
    tenant,
    isolation: needed,
    codeFromStrings,
    definitions,
    evaluates,
    offersNode,
  }: Runnable,
  signal: AbortSignal,
  onAudit: (event: AuditEvent) => void,
  apartFrom?: Sandbox,
): Promise<Opened> {
  const box: CallerBox = { caller: undefined }
  const since = performance.now()
  const observing = tier.isolation()
  // Where nothing is demanded, the first guest of a tier does not wait for what is seen of its wall.
  if (needed !== 'none') demand(needed, tier.id, await observing)
  const functions = new Map([
    ...lend(definitions, box, onAudit),
    [STREAM_PUT, streamFunction(box)],
    [STREAM_TAKE, inputFunction(box)],
  ])
  const strings = codeFromStrings === undefined ? {} : { codeFromStrings }
  const sandbox = await tier.open(
    {
      program,
      limits,
      workload,
      trust,
      tenant,
      functions,
      ...strings,
      ...(evaluates && { evaluates }),
      ...(offersNode && { offersNode }),
    },
    signal,
    apartFrom,
  )
  const { level, layers } = await observing
  return { sandbox, box, openMs: performance.now() - since, isolation: { level, layers } }
}

function demand(needed: IsolationLevel, tier: TierId, { level, missing }: IsolationReport): void {
  if (isIsolatedAtLeast(level, needed)) return
  const gaps = missing.map(({ layer, cause, fix }) => `${layer} (${cause}; ${fix})`)
  const lacks = gaps.length === 0 ? '' : `; missing: ${gaps.join(', ')}`
  throw new RingfenceError(
    'RF_ISOLATION_TOO_WEAK',
    `Policy demands isolation "${needed}", and tier "${tier}" was seen to have "${level}" here${lacks}`,
  )
}
