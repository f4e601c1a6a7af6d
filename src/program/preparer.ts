import { type Owner, ownerKey, recall } from './cache.ts'
import type { PrepareOptions } from './prepare.ts'
import { checkOptions } from './prepare-options.ts'

/**
 * Prepares programs in another process. The parser is native code: on text made for it, it takes seconds or overflows its
 * stack, and in the host's own process nothing could stop it or survive it.
 */
export interface Preparer extends AsyncDisposable {
  /**
   * Prepares a text and remembers for its owner what came of it, so that `prepare` answers at once. Never rejects. Resolves as
   * soon as it is aborted; a text that waits is then never looked at.
   */
  prepare(source: string, options: PrepareOptions, owner: Owner, signal?: AbortSignal): Promise<void>
}

/**
 * Text as short as this cannot keep the parser busy: for more than a few milliseconds, or, where code may have faults but
 * means no harm and a first call should not wait for another process, for more than a tenth of a second.
 */
const SHORT = { limited: 2048, untrusted: 256, hostile: 256 }

/** Says whether a text should be prepared elsewhere: it is not known yet, not trusted, and long enough to matter. */
export const wantsPreparer = (source: string, options: PrepareOptions, owner: Owner): boolean => {
  const { trust } = owner
  if (trust === 'trusted') return false
  const lengths = Object.values(options.modules ?? {}).reduce((sum, text) => sum + text.length, source.length)
  return lengths > SHORT[trust] && recall(source, checkOptions(source, options), ownerKey(owner)) === undefined
}
