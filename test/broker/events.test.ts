import { describe, expect, it } from 'vitest'
import { type AuditEvent, Events } from '../../src/broker/events.ts'
import { recordingLogger } from './recording-logger.ts'

const event: AuditEvent = { kind: 'argument-mismatch', id: '1', function: 'host/f', issues: [] }

describe('events', () => {
  it('tells every listener, until it stops listening', () => {
    const events = new Events(recordingLogger())
    const told: string[] = []
    const stop = events.on('audit', () => told.push('a'))
    events.on('audit', () => told.push('b'))
    events.emit('audit', event)
    stop()
    stop()
    events.emit('audit', event)
    expect(told).toEqual(['a', 'b', 'b'])
  })

  it('tells a listener registered twice twice, and stops each on its own', () => {
    const events = new Events(recordingLogger())
    let told = 0
    const listener = (): void => {
      told += 1
    }
    const stop = events.on('audit', listener)
    events.on('audit', listener)
    events.emit('audit', event)
    stop()
    events.emit('audit', event)
    expect(told).toBe(3)
  })

  it('logs a listener that throws and tells the others', () => {
    const logger = recordingLogger()
    const events = new Events(logger)
    let told = false
    events.on('audit', () => {
      throw new Error('bad listener')
    })
    events.on('audit', () => {
      told = true
    })
    events.emit('audit', event)
    expect(told).toBe(true)
    expect(logger.lines).toMatchObject([{ level: 'error', message: 'A listener threw' }])
  })

  it('refuses names and listeners that make no sense', () => {
    const events = new Events(recordingLogger())
    // @ts-expect-error there is no such event
    expect(() => events.on('toString', () => {})).toThrow(new TypeError('Cannot listen: there is no event "toString"'))
    // @ts-expect-error a listener is a function
    expect(() => events.on('audit', 7)).toThrow(TypeError)
  })
})
