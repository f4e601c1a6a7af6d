import { encode } from '../core/codec.ts'
import { LOAD } from '../core/reserved-exports.ts'
import { oversize, refused } from './call-checks.ts'
import type { Plan, Runnable } from './plan.ts'
import type { ProgramRequest } from './program-request.ts'
import {
  handOver,
  judgeLoad,
  kept,
  keptByAbort,
  type OwnCall,
  planVersion,
  REPLACED,
  type Replacement,
} from './replacement.ts'
import type { ReplaceRequest } from './requests.ts'
import type { Seats } from './seats.ts'
import type { SessionCalls } from './session-calls.ts'
import { SessionCandidate } from './session-candidate.ts'

/**
 * Makes a session one of another text. The new version is opened and run while the session goes on; then the replacement
 * takes its turn among the calls: those before it were calls of the old version, those after it are of the new one.
 */
export async function replaceSession(
  calls: SessionCalls,
  text: string,
  { changes, handsOver }: ReplaceRequest,
  signal: AbortSignal,
): Promise<Replacement> {
  const { services, line } = calls
  const request = { ...calls.version.request, ...changes }
  const planned = await planVersion(text, request, services, signal)
  if (planned.kind === 'kept') return planned
  const { state } = calls.version
  const serving = state.kind === 'open' ? state.opened.sandbox : undefined
  const runnable = { ...planned.runnable, evaluates: true } as const
  await using candidate = new SessionCandidate(planned.plan, runnable, services, serving)
  const load = ownCallOf(calls, candidate.plan, candidate, signal)
  const accepts = judgeLoad(await load(LOAD, encode(undefined)))
  if (typeof accepts !== 'boolean') return accepts
  const turn = line.clear.then(() => takeOver(calls, candidate, request, accepts && handsOver, signal))
  line.join(turn)
  return await turn
}

async function takeOver(
  calls: SessionCalls,
  candidate: SessionCandidate,
  request: ProgramRequest,
  handsOver: boolean,
  signal: AbortSignal,
): Promise<Replacement> {
  const before = calls.version
  const { plan, runnable, opened } = candidate
  if (opened === undefined) return retired(candidate)
  const state = calls.openStateOf(opened, runnable)
  const replacement =
    handsOver && before.state.kind === 'open'
      ? await handOver(ownCallOf(calls, before.plan, before.state, signal), ownCallOf(calls, plan, state, signal))
      : REPLACED
  if (replacement.kind === 'kept') return replacement
  if (signal.aborted) return keptByAbort('accept', signal)
  if (candidate.opened === undefined) return retired(candidate)
  candidate.release()
  calls.version = { plan, request, state }
  if (before.state.kind === 'open') void calls.services.disposals.add(before.state.opened.sandbox)
  return replacement
}

/** A switch reached it while it stood idle, or before it could be called for the last time. */
function retired({ reason }: SessionCandidate): Replacement {
  return kept('accept', { kind: 'killed', by: 'switch', reason })
}

function ownCallOf(
  calls: SessionCalls,
  { subject, decision }: Plan,
  { runnable, seats }: { readonly runnable: Runnable; readonly seats: Seats },
  signal: AbortSignal,
): OwnCall {
  return async (exportName, input) => {
    const { program, tier } = runnable
    const { services, budget } = calls
    const limits = budget.lower(runnable.limits, tier.traits)
    const problem = services.killSwitch.refusalOf(subject) ?? oversize(input, limits)
    const work =
      problem === undefined
        ? ({ kind: 'run', task: { program, exportName, input, limits }, seats } as const)
        : refused(problem)
    const receipt = await services.executions.launch({ subject, decision, work, signal, owner: calls }).result
    calls.charge(receipt.usage)
    return receipt
  }
}
