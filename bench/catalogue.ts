import { cpuBound } from './measure/cpu-bound.ts'
import { data } from './measure/data.ts'
import { builtinDeadline, deadline } from './measure/deadline.ts'
import { decision } from './measure/decision.ts'
import { firstCall } from './measure/first-call.ts'
import { freshRun } from './measure/fresh-run.ts'
import { idleMemory } from './measure/idle-memory.ts'
import { kill } from './measure/kill.ts'
import { throughput, wideThroughput } from './measure/throughput.ts'
import { warmCall } from './measure/warm-call.ts'
import type { Measurement } from './measurement.ts'

/** Everything that can be measured, in the order of the table. */
export const CATALOGUE: readonly Measurement[] = [
  decision,
  firstCall,
  freshRun,
  warmCall,
  throughput,
  wideThroughput,
  data,
  cpuBound,
  deadline,
  builtinDeadline,
  kill,
  idleMemory,
]
