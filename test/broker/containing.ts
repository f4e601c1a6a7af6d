import { expect } from 'vitest'

/** Matches a text with this part. Typed as unknown, which vitest's own matchers are not. */
export function containing(part: string): unknown {
  return expect.stringContaining(part)
}
