import { wantsPreparer } from '../program/preparer.ts'
import type { Readying } from './executions.ts'
import { planUnprepared, prepareOptionsOf } from './plan.ts'
import type { ProgramRequest } from './program-request.ts'
import type { Services } from './services.ts'

/** Has a program prepared elsewhere, if it should be; a policy that refuses it will not even look at its text. */
export function preparedElsewhere(
  source: string,
  request: ProgramRequest,
  { preparer, basis }: Pick<Services, 'preparer' | 'basis'>,
): Readying | undefined {
  const options = prepareOptionsOf(request)
  if (preparer === undefined || !wantsPreparer(source, options, request)) return undefined
  const { decision } = planUnprepared(source, request, '', basis)
  if (decision.verdict === 'refuse') return undefined
  return (signal) => preparer.prepare(source, options, request, signal)
}
