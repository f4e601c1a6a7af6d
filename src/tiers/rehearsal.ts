import type { KernelConfig } from './protocol.ts'

/** A program of ours that makes a kernel compile the functions which every guest's first call needs. */
export const REHEARSAL_SCRIPT = `({ __proto__: null, entry: "m", modules: { __proto__: null,
  "m": { __proto__: null, kind: "module", deps: { __proto__: null }, run: async function (exports) {
    Object.defineProperty(exports, "default", { enumerable: true, configurable: true, get: () => async (input) => {
      console.log("%s", "rehearsal", input); return [undefined, new Map([[1, input]])] } }) } } } })`

export const REHEARSAL_INPUT = 'J[{"a":1},"b"]'

export const REHEARSAL_CONFIG: KernelConfig = {
  trusted: true,
  outputBytes: 1000,
  logBytes: 1000,
  hostCalls: 1,
  functions: [],
  clock: { stepMs: 5, runs: true, key: [0, 0] },
}
