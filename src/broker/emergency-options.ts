import type { KillSignal, QuarantineOptions } from './options.ts'
import { expectKnownKeys, expectOneOf, expectRecord, expectText, expectWhole } from './shape.ts'

/** Signals that Node leaves alone and that nothing sends by accident. */
const KILL_SIGNALS: readonly KillSignal[] = ['SIGUSR2', 'SIGHUP', 'SIGQUIT']
const QUARANTINE_SCOPES = ['program', 'tenant'] as const
/** So many failures are remembered of each program or tenant at most. */
const MAX_FAILURES = 100
const MAX_WINDOW_MS = 7 * 24 * 60 * 60 * 1000

/** What stops guests without a call of `kill` or `block`, and keeps them stopped. */
export interface EmergencySettings {
  readonly quarantine: QuarantineOptions | undefined
  readonly stateFile: string | undefined
  readonly killFile: string | undefined
  readonly killSignal: KillSignal | undefined
}

/** The options read here. */
export const EMERGENCY_KEYS: readonly string[] = ['quarantine', 'state', 'killFile', 'killSignal']

/** Reads them. */
export function parseEmergency(options: Readonly<Record<string, unknown>>, attempt: string): EmergencySettings {
  const { quarantine, state, killFile, killSignal } = options
  return {
    quarantine: quarantine === undefined ? undefined : parseQuarantine(quarantine, attempt),
    stateFile: state === undefined ? undefined : parseState(state, attempt),
    killFile: killFile === undefined ? undefined : expectText(killFile, '"killFile"', attempt),
    killSignal: killSignal === undefined ? undefined : expectOneOf(killSignal, KILL_SIGNALS, '"killSignal"', attempt),
  }
}

function parseState(value: unknown, attempt: string): string {
  const record = expectRecord(value, '"state"', attempt)
  expectKnownKeys(record, ['file'], '"state"', attempt)
  return expectText(record['file'], '"state.file"', attempt)
}

function parseQuarantine(value: unknown, attempt: string): QuarantineOptions {
  const record = expectRecord(value, '"quarantine"', attempt)
  expectKnownKeys(record, ['failures', 'windowMs', 'scope'], '"quarantine"', attempt)
  const whole = (name: string, max: number): number => {
    const number = expectWhole(record[name], 1, `"quarantine.${name}"`, attempt)
    if (number <= max) return number
    throw new RangeError(`${attempt}: "quarantine.${name}" must be at most ${max}, received ${number}`)
  }
  return {
    failures: whole('failures', MAX_FAILURES),
    windowMs: whole('windowMs', MAX_WINDOW_MS),
    scope: expectOneOf(record['scope'], QUARANTINE_SCOPES, '"quarantine.scope"', attempt),
  }
}
