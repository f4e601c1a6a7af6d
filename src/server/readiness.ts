import type { FunctionHost } from '../functions/function-host.ts'

/** Whether new calls should come here, and why not. */
export interface Readiness {
  readonly status: 'ok' | 'unready'
  readonly reasons: readonly string[]
  readonly calls: { readonly inside: number; readonly waiting: number }
}

/** Judges whether a host can serve who comes now. */
export function readinessOf(host: FunctionHost, isClosing: boolean): Readiness {
  const { inside, waiting, isClosed, broker } = host.stats()
  const { level, measure } = broker.pressure
  const reasons = [
    ...(isClosing ? ['the server finishes what runs and takes nobody new'] : []),
    ...(isClosed ? ['the function host is closed'] : []),
    ...(level === 'critical' || level === 'emergency' ? [`the host is under ${level} pressure (${measure})`] : []),
  ]
  return { status: reasons.length === 0 ? 'ok' : 'unready', reasons, calls: { inside, waiting } }
}
