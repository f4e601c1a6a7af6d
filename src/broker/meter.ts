import type { Sandbox, SandboxUsage } from '../core/sandbox.ts'

/** What a tier could measure of one call, the highest of all samples. */
export class Meter {
  #cpuMs: number | undefined
  #peakMemoryBytes: number | undefined

  /** CPU time so far; absent when the tier cannot measure it. */
  get cpuMs(): number | undefined {
    return this.#cpuMs
  }

  /** The most memory seen; absent when the tier cannot measure it. */
  get peakMemoryBytes(): number | undefined {
    return this.#peakMemoryBytes
  }

  /** Takes a sample of the sandbox's current or last call. */
  read(sandbox: Sandbox): SandboxUsage {
    const usage = sandbox.usage()
    this.take(usage)
    return usage
  }

  /** Takes a sample that somebody else took. */
  take(usage: SandboxUsage): void {
    this.#cpuMs = highest(this.#cpuMs, usage.cpuMs)
    this.#peakMemoryBytes = highest(highest(this.#peakMemoryBytes, usage.memoryBytes), usage.peakMemoryBytes)
  }
}

function highest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b
  return b === undefined || b < a ? a : b
}
