import { InvokeCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import { describe, expect, it } from 'vitest'
import { serveFunctions } from '../../src/server/serve.ts'
import { ANYWHERE } from './ask.ts'
import { KEY, lambdaScene, zip } from './lambda-scene.ts'
import { open } from './scene.ts'

describe('@aws-sdk/client-lambda is refused what cannot be: it', () => {
  const scene = lambdaScene()

  it.each([
    ['outside of its folder', zip({ '../index.js': 'exports.handler = 1' })],
    ['no file for the handler', zip({ 'other.js': 'exports.handler = 1' })],
    ['Could not unzip', Buffer.from('PK\u0003\u0004 and no zip')],
    ['more than 67108864 bytes', zip({ 'index.js': '/'.repeat(65 * 2 ** 20) })],
    ['neither a zip nor text', Buffer.from([0xff, 0xfe, 0x00])],
  ])('is refused a zip with %s', async (message, ZipFile) => {
    const { create } = scene()
    await expect(create('refused', '', { Code: { ZipFile } })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining(message),
    })
  })

  it.each([
    ['another runtime', { Runtime: 'python3.13' }, 'nodejs runtime'],
    ['layers', { Layers: ['arn:aws:lambda:eu-west-1:1:layer:a:1'] }, 'Layers'],
    ['more time than policy gives', { Timeout: 900 }, 'wallMs'],
    ['a handler that is none', { Handler: '../index.handler' }, 'must be a file and an export'],
  ])('is refused %s', async (_, more, message) => {
    const { create } = scene()
    await expect(create('refused', 'exports.handler = 1', more)).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining(message),
    })
  })

  it('is let in by its signature alone', async () => {
    const { clientWith, url } = scene()
    const list = new ListFunctionsCommand({})
    const other = clientWith({ ...KEY, secretAccessKey: 'another' })
    await expect(other.send(list)).rejects.toMatchObject({ name: 'InvalidSignatureException' })
    const stranger = clientWith({ ...KEY, accessKeyId: 'AKIDSTRANGER' })
    await expect(stranger.send(list)).rejects.toMatchObject({ name: 'UnrecognizedClientException' })
    other.destroy()
    stranger.destroy()
    const bare = await fetch(`${url}/2015-03-31/functions`)
    expect([bare.status, bare.headers.get('x-amzn-errortype')]).toEqual([403, 'MissingAuthenticationTokenException'])
  })

  it('cannot have its signature used for anything else', async () => {
    const { clientWith, create, url } = scene()
    await create('signed', `exports.handler = async (event) => event`)
    let headers: Record<string, string> = {}
    const spying = clientWith(KEY)
    spying.middlewareStack.add(
      (next) => async (args) => {
        headers = { ...(args.request as { readonly headers: Record<string, string> }).headers }
        return next(args)
      },
      { step: 'finalizeRequest', priority: 'low' },
    )
    await spying.send(new InvokeCommand({ FunctionName: 'signed', Payload: '{"a":1}' }))
    spying.destroy()
    const send = (path: string, body: string, more: Record<string, string> = {}): Promise<Response> => {
      const { host: _, 'content-length': __, ...rest } = headers
      return fetch(`${url}${path}`, { method: 'POST', body, headers: { ...rest, ...more } })
    }
    const path = '/2015-03-31/functions/signed/invocations'
    expect((await send(path, '{"a":1}')).status).toBe(200)
    for (const forged of [
      send(path, '{"a":2}'),
      send(`${path}?Qualifier=1`, '{"a":1}'),
      send('/2015-03-31/functions/signed/versions', '{"a":1}'),
      send(path, '{"a":1}', { 'x-amz-date': '20200101T000000Z' }),
      send(path, '{"a":1}', { authorization: `${headers['authorization']?.slice(0, -1)}0` }),
      send(path, '{"a":1}', { authorization: (headers['authorization'] ?? '').replace('host;', '') }),
    ]) {
      const answer = await forged
      expect(answer.status).toBe(403)
      expect(answer.headers.get('x-amzn-errortype')).toMatch(/Signature/)
    }
  })
})

describe('a server without an AWS key', () => {
  it.each([
    ['with a token lets no AWS client in', 'the token', 403],
    ['without a token lets AWS clients of this machine in', undefined, 200],
  ])('%s', async (_, token, status) => {
    await using host = await open()
    await using serving = await serveFunctions(host, { ...ANYWHERE, token })
    const url = `${serving.url}/2015-03-31/functions`
    expect((await fetch(url)).status).toBe(status)
    const page = await fetch(url, { headers: { origin: 'https://elsewhere.example' } })
    expect([page.status, page.headers.get('x-amzn-errortype')]).toEqual([403, 'AccessDeniedException'])
  })
})
