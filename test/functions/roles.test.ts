import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFunctionHost } from '../../src/function-host.ts'
import type { FunctionHost } from '../../src/functions/function-host.ts'
import type { Role } from '../../src/functions/roles.ts'
import { type Serving, serveFunctions } from '../../src/server/serve.ts'
import { ANYWHERE, ask } from './ask.ts'

const ROOT = 'the-token-of-the-server'
const SOURCE = `export default { fetch: (request) => Response.json(request.headers.get('authorization')) }`

interface Listed {
  readonly functions: readonly { readonly tenant: string }[]
}
interface Made {
  readonly id: string
  readonly token: string
}

let host: FunctionHost
let serving: Serving
beforeAll(async () => {
  host = await createFunctionHost()
  serving = await serveFunctions(host, { ...ANYWHERE, token: ROOT })
  for (const tenant of ['acme', 'globex']) {
    await host.deploy({ name: `f-${tenant}`, tenant, source: SOURCE })
    await host.deploy({ name: `open-${tenant}`, tenant, source: SOURCE, access: 'public' })
    await host.deploy({ name: `fails-${tenant}`, tenant, source: `export default () => { throw new Error('inner') }` })
  }
})
afterAll(async () => {
  await serving[Symbol.asyncDispose]()
  await host[Symbol.asyncDispose]()
})

const tokenOf = async (role: Role, tenant?: string): Promise<string> =>
  (await host.tokens.create({ role, ...(tenant !== undefined && { tenant }) })).token

/** The status of one request, with what it answered. */
async function as(token: string, method: string, path: string, body?: object): ReturnType<typeof ask> {
  const headers = { authorization: `Bearer ${token}` }
  return ask(`${serving.url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
}

const statusesOf = async (token: string, tenant: string): Promise<readonly number[]> => {
  const at = `/api/functions/f-${tenant}`
  const asked = [
    await as(token, 'GET', `/fn/f-${tenant}`),
    await as(token, 'POST', `${at}/invoke`),
    await as(token, 'GET', at),
    await as(token, 'GET', `${at}/versions`),
    await as(token, 'GET', `${at}/logs`),
    await as(token, 'PUT', at, { source: SOURCE }),
    await as(token, 'PUT', `${at}/aliases/next`, { version: 1 }),
    await as(token, 'POST', `${at}/kill`, { reason: 'x' }),
    await as(token, 'PUT', `${at}/block`, { reason: 'x' }),
    await as(token, 'DELETE', `${at}/block`),
    await as(token, 'GET', '/metrics'),
    await as(token, 'GET', '/api/tokens'),
  ]
  return asked.map(({ status }) => status)
}

describe('a token', () => {
  it.each<[Role, string | undefined, readonly number[]]>([
    ['invoker', undefined, [200, 200, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403]],
    ['invoker', 'acme', [200, 200, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403]],
    ['deployer', 'acme', [200, 200, 200, 200, 200, 200, 200, 403, 403, 403, 403, 403]],
    ['operator', 'acme', [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 403, 403]],
    ['operator', undefined, [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200]],
  ])('of an %s of tenant %s may do this and no more', async (role, tenant, expected) => {
    expect(await statusesOf(await tokenOf(role, tenant), 'acme')).toEqual(expected)
  })

  // ATTACK: whoever holds a token for one tenant reaches for what another one has.
  it.each<[Role, readonly number[]]>([
    ['invoker', [401, 404, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403]],
    ['deployer', [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 403, 403]],
    ['operator', [401, 404, 404, 404, 404, 404, 404, 404, 404, 404, 403, 403]],
  ])("of an %s reaches nothing of another tenant's", async (role, expected) => {
    const token = await tokenOf(role, 'acme')
    expect(await statusesOf(token, 'globex')).toEqual(expected)
    const told = async (name: string): Promise<readonly unknown[]> => {
      const paths = [`/fn/${name}`, `/api/functions/${name}`, `/api/functions/${name}/logs`]
      const answers = await Promise.all(paths.map((path) => as(token, 'GET', path)))
      return answers.map(({ status, body }) => [status, body.replaceAll(name, 'NAME')])
    }
    expect(await told('f-globex')).toEqual(await told('f-nowhere'))
    expect((await as(token, 'GET', '/fn/open-globex')).status).toBe(200)
    expect((await as(token, 'DELETE', '/api/functions/open-globex')).status).toBe(role === 'invoker' ? 403 : 404)
    expect((await host.list()).map(({ name }) => name)).toContain('open-globex')
  })

  it('lists and makes functions of its own tenant alone', async () => {
    const token = await tokenOf('deployer', 'acme')
    const { functions }: Listed = JSON.parse((await as(token, 'GET', '/api/functions')).body)
    expect(new Set(functions.map(({ tenant }) => tenant))).toEqual(new Set(['acme']))
    expect((await as(token, 'PUT', '/api/functions/made', { source: SOURCE })).status).toBe(201)
    expect(await host.show('made')).toMatchObject({ tenant: 'acme' })
    const foreign = await as(token, 'PUT', '/api/functions/other', { source: SOURCE, tenant: 'globex' })
    expect([foreign.status, foreign.body]).toEqual([403, expect.stringContaining('The token is for tenant \\"acme\\"')])
  })

  it('that may only call learns nothing of what went wrong inside, and is never shown to a function', async () => {
    const [invoker, deployer] = [await tokenOf('invoker', 'acme'), await tokenOf('deployer', 'acme')]
    expect((await as(invoker, 'GET', '/fn/fails-acme')).body).not.toContain('inner')
    expect((await as(invoker, 'POST', '/api/functions/fails-acme/invoke')).body).not.toContain('inner')
    expect((await as(deployer, 'GET', '/fn/fails-acme')).body).toContain('inner')
    expect((await as(invoker, 'GET', '/fn/f-acme')).body).toBe('null')
    expect((await as(invoker, 'GET', '/fn/open-acme')).body).toBe('null')
  })

  it('opens nothing once it is taken back, and nothing when it is another', async () => {
    const made = await as(ROOT, 'POST', '/api/tokens', { role: 'deployer', tenant: 'acme', note: 'CI' })
    const { id, token }: Made = JSON.parse(made.body)
    expect([made.status, token]).toEqual([201, expect.stringMatching(/^rf_[0-9a-f]{16}_[\w-]{43}$/)])
    const { tokens }: { readonly tokens: readonly Made[] } = JSON.parse((await as(ROOT, 'GET', '/api/tokens')).body)
    const shown = tokens.find((one) => one.id === id)
    expect(shown).toEqual({ id, role: 'deployer', tenant: 'acme', note: 'CI', createdAt: expect.any(String) })
    expect((await as(token, 'GET', '/api/functions')).status).toBe(200)
    const last = token.at(-1) === 'A' ? 'B' : 'A'
    for (const other of [token.slice(0, -1) + last, token.slice(0, -1), `rf_${id}_`, id, 'rf_']) {
      expect((await as(other, 'GET', '/api/functions')).status).toBe(401)
    }
    expect((await as(ROOT, 'DELETE', `/api/tokens/${id}`)).status).toBe(204)
    expect((await as(token, 'GET', '/api/functions')).status).toBe(401)
    expect((await as(ROOT, 'DELETE', `/api/tokens/${id}`)).status).toBe(404)
  })

  it.each([{ role: 'king' }, { role: 'invoker', tenant: 'a b' }, { role: 'invoker', for: 'acme' }, {}])(
    'is not made of %j',
    async (grant) => {
      expect((await as(ROOT, 'POST', '/api/tokens', grant)).status).toBe(400)
    },
  )
})
