import type { Bounds } from '../../jail/launcher.ts'

const MIB = 1024 * 1024
/** The child's own heap, which serves one pipe. The guest's is an isolate's and has its own limit. */
export const CHILD_HEAP_MB = 96
/** What each isolate costs of the data limit though not of memory: the address range for its machine code. */
const CODE_RANGE_BYTES = 576 * MIB
/** The child's own, a spare whose limit did not fit its guest, and the guest's. */
const ISOLATES = 3
/** What the polled limit lets pass, so that this one is behind it and not before it. */
const HEADROOM_BYTES = 128 * MIB
/** No guest is given an hour of computing; a child that a broker has lost sight of ends by this. */
const CPU_SECONDS = 3600

/** What a child may use whose guest may hold `memoryBytes`. */
export const boundsFor = (memoryBytes: number): Bounds => ({
  dataBytes: ISOLATES * CODE_RANGE_BYTES + CHILD_HEAP_MB * MIB + HEADROOM_BYTES + 2 * memoryBytes,
  cpuSeconds: CPU_SECONDS,
})
