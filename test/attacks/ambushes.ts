import type { AmbushFamily } from './ambush.ts'
import { FUNCTIONS } from './ambushes/functions.ts'
import { TENANTS } from './ambushes/tenants.ts'
import { WARM } from './ambushes/warm.ts'

/** Every attack that is more than one program. */
export const AMBUSHES: readonly AmbushFamily[] = [WARM, TENANTS, FUNCTIONS]
