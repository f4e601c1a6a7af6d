import type { Sandbox } from '../core/sandbox.ts'
import type { AuditEvent } from './events.ts'
import { type CallerBox, lend } from './host-functions.ts'
import type { Runnable } from './plan.ts'

/** A sandbox, and the box its host functions look into to learn who calls. */
export interface Opened {
  readonly sandbox: Sandbox
  readonly box: CallerBox
  readonly openMs: number
}

/** Opens a sandbox for a program. Whoever asked owns it. */
export async function openSandbox(
  { tier, program, limits, workload, definitions }: Runnable,
  signal: AbortSignal,
  onAudit: (event: AuditEvent) => void,
): Promise<Opened> {
  const box: CallerBox = { caller: undefined }
  const since = performance.now()
  const sandbox = await tier.open({ program, limits, workload, functions: lend(definitions, box, onAudit) }, signal)
  return { sandbox, box, openMs: performance.now() - since }
}
