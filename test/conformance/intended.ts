/** A part of the language that guests have otherwise than a bare realm, and why. `docs/conformance.md` lists each. */
export interface Intended {
  /** What the lines of `tells-intrinsics.js` that tell it begin with. */
  readonly at: readonly string[]
  readonly reason: string
}

/** Every difference of intrinsics there is; one that is gone makes the test fail, so that the list stays true. */
export const INTENDED: readonly Intended[] = [
  {
    at: ['globalThis.SharedArrayBuffer'],
    reason: 'SharedArrayBuffer is absent: with it a guest would make a clock finer than any it is given.',
  },
  {
    at: ['maxByteLength', 'resizable', 'resize', 'transfer', 'transferToFixedLength', 'transferToImmutable'].map(
      (name) => `globalThis.ArrayBuffer.prototype.${name}`,
    ),
    reason: 'Buffers neither grow nor move: what they take outside the heap would be counted by nobody.',
  },
  {
    at: ['globalThis.Error: ', 'globalThis.Error.prepareStackTrace', 'globalThis.Error.stackTraceLimit'],
    reason: 'Error cannot be replaced and its stacks are made by us, since call sites would show frames of the host.',
  },
  {
    at: ['globalThis.Proxy.prototype'],
    reason: 'Proxy remembers what it made, and what stands in its place has a property prototype, which is undefined.',
  },
]
