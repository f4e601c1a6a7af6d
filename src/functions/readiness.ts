import { isPressedAtLeast, type Pressure } from '../broker/pressure-level.ts'

/** Whether new calls should come here, and why not. */
export interface Readiness {
  readonly status: 'ok' | 'unready'
  readonly reasons: readonly string[]
  readonly calls: { readonly inside: number; readonly waiting: number }
}

/** Judges whether a host can serve who comes now; `otherwise` are reasons of whoever asks. */
export function readinessOf(
  calls: Readiness['calls'],
  isClosed: boolean,
  { level, measure }: Pressure,
  otherwise: readonly string[],
): Readiness {
  const reasons = [
    ...otherwise,
    ...(isClosed ? ['the function host is closed'] : []),
    ...(isPressedAtLeast(level, 'critical') ? [`the host is under ${level} pressure (${measure})`] : []),
  ]
  return { status: reasons.length === 0 ? 'ok' : 'unready', reasons, calls }
}
