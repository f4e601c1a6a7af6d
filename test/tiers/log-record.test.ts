import { expect, it } from 'vitest'
import { parseLogRecord } from '../../src/tiers/log-record.ts'

it('reads half a character pair as a pipe would carry it, so that every tier tells the same line', () => {
  expect(parseLogRecord(4, '5;a\ud800b')).toEqual({ level: 'error', text: 'a\ufffdb', at: 5 })
  expect(parseLogRecord(4, '5;a\u{1f600}b').text).toBe('a\u{1f600}b')
})
