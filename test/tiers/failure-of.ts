import { RingfenceError } from '../../src/core/errors.ts'

/** The code of the error a function of ours throws, what it threw when that is no error of ours, or nothing. */
export function failureOf(run: () => void): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error instanceof RingfenceError ? error.code : error
  }
}
