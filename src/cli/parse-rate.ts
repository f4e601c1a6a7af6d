import { InvalidArgumentError } from 'commander'
import type { Rate } from '../functions/words.ts'

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

/** Reads a rate such as `100/s` or `5/10m`. */
export function parseRate(text: string): Rate {
  const [, calls, time = '', unit = ''] = /^(\d{1,7})\/(\d{0,5})([smh])$/.exec(text) ?? []
  const seconds = (time === '' ? 1 : Number(time)) * (SECONDS[unit] ?? 0)
  if (calls === undefined || Number(calls) === 0 || seconds === 0) {
    throw new InvalidArgumentError(`Write it as calls/time, as in 100/s or 5/10m; received "${text}".`)
  }
  return { calls: Number(calls), seconds }
}

/** Reads a rate, or `none`. */
export const rateOrNone = (text: string): Rate | 'none' => (text === 'none' ? text : parseRate(text))
