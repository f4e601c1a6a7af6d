import { randomBytes } from 'node:crypto'
import type { TrustLevel } from '../core/types.ts'

/** What the clock of a guest is like; see `guest/clock.js`, which keeps it. */
export interface ClockConfig {
  /** The least by which it goes forward; above one millisecond, at moments nobody can foresee. */
  readonly stepMs: number
  /** Whether it goes on while the guest computes, or stands still from one turn to the next. */
  readonly runs: boolean
  /** What makes the moments of the steps unforeseeable: two words of 32 bits. */
  readonly key: readonly [number, number]
}

/**
 * A millisecond is what browsers leave to pages that share a process with others (W3C, High Resolution Time: 100 µs;
 * Firefox: 1 ms), and what JavaScript's own clock gives. Five are what HTML's rule for nested timers (4 ms) already asks of
 * programs that wait. Twenty are more than a frame, Firefox's step where it resists fingerprinting (16.67 ms), and a clock
 * that stands still during a turn is Cloudflare's answer for code of strangers in one process.
 */
const CLOCKS: Readonly<Record<TrustLevel, Omit<ClockConfig, 'key'>>> = {
  trusted: { stepMs: 1, runs: true },
  limited: { stepMs: 1, runs: true },
  untrusted: { stepMs: 5, runs: true },
  hostile: { stepMs: 20, runs: false },
}

const secret = randomBytes(8)
const KEY = [secret.readUInt32LE(0), secret.readUInt32LE(4)] as const

/**
 * The clock of a guest of this trust. All guests of one level see the same steps at the same moments: with moments of their
 * own, somebody with many sandboxes would read the time from all of them and average the noise away.
 */
export const clockOf = (trust: TrustLevel): ClockConfig => ({ ...CLOCKS[trust], key: KEY })
