import type { RunOptions } from '../../src/index.ts'

class HostError extends RangeError {
  readonly code = 'E_TOO_FAR'
  override readonly name = 'HostError'
}

/** What the host lends to every program, as module `host`. */
export const LENT: NonNullable<RunOptions['functions']> = {
  echo: { call: (value: unknown) => value, sync: true },
  add: { call: (a: number, b: number) => a + b, sync: true },
  later: async (value: unknown) => value,
  count: (...args: unknown[]) => args.length,
  fail: { call: (message: string) => fail(new TypeError(message)), sync: true },
  failLater: async (message: string) => fail(new Error(message)),
  failWithCode: async () => fail(new HostError('past the end')),
  failBrokenly: async () => fail(Object.assign(new Error('two\nlines'), { name: 'Odd\nName', code: 'E\nODD' })),
  failWithText: async () => fail('not an error'),
  nothing: () => {},
  unsendable: () => () => 1,
}

const fail = (reason: unknown): never => {
  throw reason
}
