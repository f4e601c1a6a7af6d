import type { Data } from '../core/types.ts'
import { oversize, refused } from './call-checks.ts'
import type { Chunks } from './chunks.ts'
import type { InputSource } from './input-source.ts'
import type { SessionCallOptions } from './options.ts'
import { type EvaluateRequest, parseEvaluate, parseExportName, parseInput } from './requests.ts'
import type { MakeTask } from './session-state.ts'

/** A call of an export of a session's program, as its caller asks for it. */
export interface WantedExport {
  readonly exportName: string
  readonly input: Data
  readonly options: SessionCallOptions
  /** Where its result goes if it is to come chunk by chunk. */
  readonly chunks?: Chunks
}

/** Reads what the caller asks for. The task is made when its turn has come. */
export function readExport(
  { exportName, input, options, chunks }: WantedExport,
  attempt: string,
): { readonly request: EvaluateRequest; readonly task: MakeTask; readonly source: InputSource | undefined } {
  const name = parseExportName(exportName, attempt)
  const request = parseEvaluate({ ...options }, attempt)
  const given = parseInput(input, attempt)
  const task: MakeTask = ({ runnable }, limits) => {
    const problem = oversize(given.input, limits)
    if (problem !== undefined) return refused(problem)
    return { program: runnable.program, exportName: name, ...given, limits, chunks }
  }
  return { request, task, source: given.source }
}
