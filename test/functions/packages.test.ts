import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundle } from '../../src/index.ts'
import { ask } from './ask.ts'
import { servedHost } from './served-host.ts'

const ROOT = join(import.meta.dirname, '../..')

describe('a function made with', () => {
  const served = servedHost()

  /** Deploys a program with the packages it imports. */
  async function serve(name: string, more: { readonly modules?: 'node' } = {}): Promise<string> {
    const { source } = await bundle(join(ROOT, 'test/fixtures/functions', `${name}.ts`), { root: ROOT, ...more })
    await served().host.deploy({ name, source, environment: { PLACE: 'here' }, ...more })
    return `${served().url}/fn/${name}`
  }

  it('hono routes, reads bodies, sets headers and streams events', async () => {
    const url = await serve('hono')
    expect((await ask(`${url}/`)).body).toBe('Hello from here')
    const user = await ask(`${url}/users/7?q=a`)
    expect([JSON.parse(user.body), user.headers.get('access-control-allow-origin')]).toEqual([{ id: '7', q: 'a' }, '*'])
    const json = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }
    expect(await ask(`${url}/echo`, json)).toMatchObject({ status: 201, body: '{"a":1}' })
    expect((await ask(`${url}/nowhere`)).status).toBe(404)
    const events = await ask(`${url}/events`)
    expect(events.headers.get('content-type')).toBe('text/event-stream')
    expect(events.body).toBe('data: 0\nid: 0\n\ndata: 1\nid: 1\n\ndata: 2\nid: 2\n\n')
  })

  it('hono for Lambda streams through awslambda', async () => {
    const url = await serve('hono-lambda', { modules: 'node' })
    expect(JSON.parse((await ask(`${url}/users/7`)).body)).toEqual({ id: '7' })
    expect((await ask(`${url}/slow`)).body).toBe('one two')
  })

  it('middy runs its middleware around a Lambda handler', async () => {
    const url = await serve('middy', { modules: 'node' })
    const well = await ask(`${url}/a/b`)
    expect([well.status, well.headers.get('x-after'), well.body]).toEqual([200, 'yes', 'path /a/b'])
    expect(await ask(`${url}/bad`)).toMatchObject({ status: 418, body: 'short and stout' })
  })
})
