import { describe, expect, it } from 'vitest'
import { Fetcher } from '../../src/host/fetch/fetch.ts'
import { asksOf, grant, question, UNREACHABLE } from './asking.ts'
import { shareFetches } from './fetch-server.ts'

const server = shareFetches()
const { here } = asksOf(server)
const GONE = 'fetch failed: the answer is not there any more'
const text = (part: { readonly body: Uint8Array } | undefined): string => new TextDecoder().decode(part?.body)

/** A grant, and a call that asks for what it gives. */
const begin = (options: Parameters<typeof grant>[1] = {}) => {
  const fetcher = new Fetcher(grant(server, options))
  const call = new AbortController()
  const take = async (given: object) => {
    const taken = await fetcher.take(given, call.signal)
    if (taken === undefined) throw new Error('Nothing was answered')
    return taken
  }
  return { fetcher, call, take, ask: (path: string, id: number) => take(question(here(path), { id })) }
}

describe('an answer that goes on', () => {
  it('is handed over part by part, as it comes, and its connection closed after the last', async () => {
    const { take, ask } = begin()
    const head = await ask('/parts?count=5', 1)
    expect(head).toMatchObject({ status: 200, more: true })
    const parts = [text(head)]
    for (let more = true; more; ) {
      const part = await take({ read: 1 })
      parts.push(text(part))
      more = part.more
    }
    expect(parts.join('')).toBe('part 4\npart 3\npart 2\npart 1\npart 0\n')
    expect(parts.filter(Boolean).length).toBeGreaterThan(2)
    await expect(take({ read: 1 })).rejects.toThrow(GONE)
    await expect.poll(server.open).toBe(0)
  })

  it('is handed over whole where that is asked for', async () => {
    const { take, ask } = begin()
    const head = await ask('/parts?count=5', 1)
    const rest = await take({ read: 1, all: true })
    expect(text(head) + text(rest)).toBe('part 4\npart 3\npart 2\npart 1\npart 0\n')
    expect(rest.more).toBe(false)
  })

  it('stays with the server until it is read, and takes no more room than its bound', async () => {
    const { take, ask } = begin({ maxBodyBytes: 1_000_000 })
    expect(await ask('/endless', 1)).toMatchObject({ more: true })
    const part = await take({ read: 1 })
    expect(part.body.byteLength).toBeLessThan(200_000)
    await expect(take({ read: 1, all: true })).rejects.toThrow('the answer is too long')
    await expect.poll(server.open).toBe(0)
  })

  it.each([
    ['/cut-off', UNREACHABLE],
    ['/truncated', UNREACHABLE],
    ['/bomb?count=100000000', 'fetch failed: the answer is too long'],
  ])('fails where it is read, not where it was asked for: %s', async (path, message) => {
    const { take, ask } = begin({ maxBodyBytes: 100_000 })
    expect(await ask(path, 1)).toMatchObject({ status: 200, more: true })
    await expect(take({ read: 1, all: true })).rejects.toThrow(message)
    await expect.poll(server.open).toBe(0)
  })

  it('is read by one at a time, by the call that asked, and by its own name', async () => {
    const { fetcher, take, ask } = begin()
    await ask('/slow', 1)
    const other = new AbortController().signal
    await expect(fetcher.take({ read: 1 }, other)).rejects.toThrow(GONE)
    await expect(take({ read: 2 })).rejects.toThrow(GONE)
    const first = take({ read: 1, all: true })
    await expect(take({ read: 1 })).rejects.toThrow('the answer is being read')
    void fetcher.take({ abandon: 1 }, other)
    expect(await server.open()).toBe(1)
    void take({ abandon: 1 }).catch(() => {})
    await expect(first).rejects.toThrow(UNREACHABLE)
    await expect.poll(server.open).toBe(0)
  })

  it('ends with its call, at its deadline though nobody reads it, and when its name is used again', async () => {
    const { call, take, ask } = begin()
    await ask('/slow', 1)
    await ask('/slow', 1)
    await expect.poll(server.open).toBe(1)
    call.abort()
    await expect.poll(server.open).toBe(0)
    const late = begin({ timeoutMs: 300 })
    await late.ask('/slow', 1)
    await expect.poll(server.open).toBe(0)
    await expect(late.take({ read: 1 })).rejects.toThrow(GONE)
    const reading = begin({ timeoutMs: 300 })
    await reading.ask('/slow', 1)
    await expect(reading.take({ read: 1, all: true })).rejects.toThrow('it took too long')
    await expect(take({ read: 1 })).rejects.toThrow(GONE)
  })

  it('keeps its place among the eight at once until it is read or left', async () => {
    const { take, ask } = begin()
    for (let id = 1; id <= 8; id += 1) await ask('/slow', id)
    const ninth = ask('/slow', 9)
    expect(await server.open()).toBe(8)
    await take({ abandon: 3 }).catch(() => {})
    expect(await ninth).toMatchObject({ status: 200, more: true })
  })
})
