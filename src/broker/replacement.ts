import { encode } from '../core/codec.ts'
import { ACCEPT, DISPOSE } from '../core/reserved-exports.ts'
import type { Data, Execution, Outcome } from '../core/types.ts'
import { makePlan, type Plan, type Runnable } from './plan.ts'
import { preparedElsewhere } from './prepared-elsewhere.ts'
import type { ProgramRequest } from './program-request.ts'
import { crashed, messageOf } from './receipt.ts'
import type { Services } from './services.ts'

/**
 * How far a new version came: its text was prepared, policy and the blocks let it run, a sandbox was opened, the program ran
 * in it, the old version's `dispose` answered, and the new one's `accept` returned, after which it takes over.
 */
export type ReplacementStage = 'prepare' | 'policy' | 'open' | 'load' | 'dispose' | 'accept'

/** The old version goes on, since the new one did not get past this stage. */
export interface Kept {
  readonly kind: 'kept'
  readonly stage: ReplacementStage
  /** How that stage ended; never `returned`. */
  readonly outcome: Outcome
}

/** What came of a replacement. */
export type Replacement =
  /** Calls from now on are calls of the new version. `handedOver` says whether it was given the old one's state. */
  { readonly kind: 'replaced'; readonly handedOver: boolean } | Kept

/** The new version took over, with nothing of what the old one kept. */
export const REPLACED: Replacement = { kind: 'replaced', handedOver: false }

/** A new version that may run. */
export interface VersionPlan {
  readonly kind: 'planned'
  readonly plan: Plan
  readonly runnable: Runnable
}

/** Calls one version for the broker's own purposes. */
export type OwnCall = (exportName: string, input: string) => Promise<Execution>

/** Says how far a new version came. */
export function kept(stage: ReplacementStage, outcome: Outcome): Kept {
  return { kind: 'kept', stage, outcome }
}

/** Says that the caller, or the end of what was to be replaced, gave the new version up. */
export function keptByAbort(stage: ReplacementStage, signal: AbortSignal): Kept {
  return kept(stage, { kind: 'killed', by: 'signal', reason: messageOf(signal.reason) })
}

/** Has a text prepared and policy decide on it; or says why it cannot be a version. */
export async function planVersion(
  source: string,
  request: ProgramRequest,
  services: Services,
  signal: AbortSignal,
): Promise<VersionPlan | Kept> {
  if (!signal.aborted) await preparedElsewhere(source, request, services)?.(signal)
  if (signal.aborted) return keptByAbort('prepare', signal)
  const plan = makePlan(source, request, '', services.basis)
  const { verdict, decision, subject } = plan
  if (verdict.kind === 'settled') return kept(decision.verdict === 'refuse' ? 'policy' : 'prepare', verdict.outcome)
  const reason = services.killSwitch.refusalOf(subject)
  return reason === undefined
    ? { kind: 'planned', plan, runnable: verdict.runnable }
    : kept('policy', { kind: 'refused', reason })
}

/** Says what came of running the new version for the first time: whether it accepts a state, or why it is given up. */
export function judgeLoad({ outcome, usage }: Execution): boolean | Kept {
  if (outcome.kind === 'returned') return outcome.value === true
  return kept(usage.wallMs > 0 ? 'load' : 'open', outcome)
}

/** Gives what the old version's `dispose` returns to the new one's `accept`. */
export async function handOver(before: OwnCall, after: OwnCall): Promise<Replacement> {
  const { outcome: disposed } = await before(DISPOSE, encode(undefined))
  if (disposed.kind !== 'returned') return kept('dispose', disposed)
  const { value } = disposed
  if (!Array.isArray(value) || value.length === 0) return REPLACED
  const state = encodeState(value[0])
  if (typeof state !== 'string') return kept('accept', state)
  const { outcome: accepted } = await after(ACCEPT, state)
  return accepted.kind === 'returned' ? { kind: 'replaced', handedOver: true } : kept('accept', accepted)
}

/** What came as data goes on as data; should it not, that is no error of the caller's. */
function encodeState(state: Data): string | Outcome {
  try {
    return encode(state)
  } catch (error) {
    return crashed('Cannot hand over the state', error)
  }
}
