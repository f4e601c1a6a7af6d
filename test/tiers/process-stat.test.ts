import { expect, it } from 'vitest'
import { parseStat, processStat } from '../../src/tiers/process-stat.ts'

const REST = 'S 1 2 3 4 5 6 7 8 9 10 70 30 13 14 15 16 17 18 123456 20 21'

it.each(['node', 'two words', 'a) R 1 2 3 4 5 6 7 8 9 10 99 99', '((', ')'])(
  'a process cannot write its own figures by its name: %s',
  (name) => expect(parseStat(`42 (${name}) ${REST}`)).toEqual({ cpuMs: 1000, birth: '123456' }),
)

it.each(['', '42 (node', '42 (node) S 1 2 3', `42 (node) ${REST.replace('70', 'x')}`])(
  'a line that lacks them tells nothing: %s',
  (line) => expect(parseStat(line)).toBe(undefined),
)

it.runIf(process.platform === 'linux')('a process is told from one that is not there, and from its parent', () => {
  const own = processStat(process.pid)
  expect(own?.cpuMs).toBeGreaterThan(0)
  expect(processStat(process.pid)?.birth).toBe(own?.birth)
  expect(processStat(process.ppid)?.birth).not.toBe(own?.birth)
  expect(processStat(2 ** 30)).toBe(undefined)
})
