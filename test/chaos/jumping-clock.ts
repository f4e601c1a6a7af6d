/** Imported before a program, it has its wall clock jump by seven hours forth and back. */
const JUMPS = [0, 7 * 3_600_000, -7 * 3_600_000]
const EngineDate = Date
const engineNow = Date.now
const jumpingNow = (): number => engineNow() + (JUMPS[Math.floor(performance.now() / 40) % JUMPS.length] ?? 0)

globalThis.Date = class extends EngineDate {
  constructor(...args: readonly [] | readonly [number]) {
    super(...(args.length === 0 ? ([jumpingNow()] as const) : args))
  }

  static override now(): number {
    return jumpingNow()
  }
} as DateConstructor
