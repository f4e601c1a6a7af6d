import { expect, it } from 'vitest'
import { matchesPattern } from '../../src/policy/matches-pattern.ts'

it.each([
  ['host/a', 'host/a'],
  ['*', 'host/a'],
  ['*', ''],
  ['host/*', 'host/'],
  ['*/get', 'kv/get'],
  ['h*t/*a*', 'host/banana'],
  ['a*b*c', 'abbcc'],
])('pattern %j fits %j', (pattern, name) => {
  expect(matchesPattern(pattern, name)).toBe(true)
})

it.each([
  ['host/a', 'host/ab'],
  ['host/*', 'ghost/a'],
  ['*/get', 'kv/getAll'],
  ['ab*ba', 'aba'],
  ['a*b*c', 'acb'],
  ['a.c', 'abc'],
  ['', 'a'],
])('pattern %j does not fit %j', (pattern, name) => {
  expect(matchesPattern(pattern, name)).toBe(false)
})

it('answers at once for a pattern built to backtrack', () => {
  expect(matchesPattern('*a'.repeat(5000), `${'a'.repeat(4999)}b`)).toBe(false)
})
