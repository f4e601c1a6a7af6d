import { InvalidArgumentError } from 'commander'
import { describe, expect, it } from 'vitest'
import { parseLimit } from '../../src/cli/parse-limit.ts'

describe('parseLimit', () => {
  it.each([
    ['wallMs=500', { wallMs: 500 }],
    ['wallMs=500ms', { wallMs: 500 }],
    ['wallMs=1.5s', { wallMs: 1500 }],
    ['cpuMs=2 min', { cpuMs: 120_000 }],
    ['memoryBytes=64MiB', { memoryBytes: 67_108_864 }],
    ['memoryBytes=64mb', { memoryBytes: 64_000_000 }],
    ['logBytes=1KiB', { logBytes: 1024 }],
    ['outputBytes=12B', { outputBytes: 12 }],
    ['hostCalls=7', { hostCalls: 7 }],
  ])('reads %j', (text, limits) => {
    expect(parseLimit(text)).toEqual(limits)
  })

  it('adds to the limits already read, the last one of a name counting', () => {
    const limits = ['wallMs=5', 'hostCalls=1', 'wallMs=7'].reduce((all, text) => parseLimit(text, all), {})
    expect(limits).toEqual({ wallMs: 7, hostCalls: 1 })
  })

  it.each([
    ['wallMs', 'Write it as name=value.'],
    ['walMs=3', /There is no limit "walMs"; there are wallMs, cpuMs, .*inputBytes\./],
    ['toString=3', /There is no limit "toString"/],
    ['wallMs=soon', '"wallMs" must be a number, received "soon".'],
    ['wallMs=-1', '"wallMs" must be a number, received "-1".'],
    ['wallMs=0', '"wallMs" must be at least 1, received 0.'],
    ['wallMs=64MiB', '"wallMs" has no unit "MiB"; write ms, s, min, h or none.'],
    ['hostCalls=3ms', '"hostCalls" has no unit "ms"; it is a plain number.'],
    ['memoryBytes=3MiB', '"memoryBytes" must be at least 8388608, received 3145728.'],
    ['wallMs=1.5', '"wallMs" must be a whole number, received 1.5.'],
  ])('refuses %j', (text, message) => {
    expect(() => parseLimit(text)).toThrow(InvalidArgumentError)
    expect(() => parseLimit(text)).toThrow(message)
  })
})
