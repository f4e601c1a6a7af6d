import type { TrustLevel } from './types.ts'

/** Every level of trust, from the most trusted to the least. */
export const TRUST_LEVELS: readonly TrustLevel[] = ['trusted', 'limited', 'untrusted', 'hostile']
