import { type Logger, pino } from 'pino'

/** Opens ringfence's own log. It goes to the standard error, away from any result, and is written before we go on. */
export function openLog(level: string): Logger {
  return pino({ name: 'ringfence', level }, pino.destination({ fd: 2, sync: true }))
}
