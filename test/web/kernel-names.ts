/** What ECMA-429 names that the engine or the kernel has itself. */
export const KERNEL_NAMES: readonly string[] = [
  'clearInterval',
  'clearTimeout',
  'console',
  'globalThis',
  'queueMicrotask',
  'reportError',
  'self',
  'setInterval',
  'setTimeout',
  'structuredClone',
]
