import { CreateFunctionCommand, InvokeCommand, type InvokeCommandInput, LambdaClient } from '@aws-sdk/client-lambda'
import { strToU8, zipSync } from 'fflate'
import { afterAll, beforeAll } from 'vitest'
import type { FunctionHost } from '../../src/functions/function-host.ts'
import { servedHost } from './served-host.ts'

export const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret' }
export const ROLE = 'arn:aws:iam::123456789012:role/any'

export const zip = (files: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])))

export interface Invoked {
  readonly error: string | undefined
  readonly value: unknown
  readonly version: string | undefined
}

/** A server that asks for a token, and an AWS client that signs with its key. */
export interface LambdaScene {
  readonly host: FunctionHost
  readonly url: string
  readonly client: LambdaClient
  readonly clientWith: (credentials: typeof KEY) => LambdaClient
  readonly create: (name: string, source: string | Record<string, string>, more?: object) => Promise<object>
  readonly invoke: (name: string, payload?: unknown, more?: Partial<InvokeCommandInput>) => Promise<Invoked>
}

/** Opens a scene for the tests of a file or group. */
export function lambdaScene(): () => LambdaScene {
  const served = servedHost({ token: 'the token', awsKey: KEY })
  let scene: LambdaScene
  beforeAll(() => {
    const { host, url } = served()
    scene = sceneOf(host, url)
  })
  afterAll(() => scene.client.destroy())
  return () => scene
}

function sceneOf(host: FunctionHost, url: string): LambdaScene {
  const clientWith = (credentials: typeof KEY): LambdaClient =>
    new LambdaClient({ endpoint: url, region: 'eu-west-1', credentials, maxAttempts: 1 })
  const client = clientWith(KEY)
  return {
    host,
    url,
    client,
    clientWith,
    create: (name, source, more = {}) =>
      client.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Runtime: 'nodejs22.x',
          Role: ROLE,
          Handler: 'index.handler',
          Code: { ZipFile: zip(typeof source === 'string' ? { 'index.js': source } : source) },
          ...more,
        }),
      ),
    invoke: async (name, payload, more = {}) => {
      const Payload = payload === undefined ? undefined : JSON.stringify(payload)
      const answer = await client.send(new InvokeCommand({ FunctionName: name, ...(Payload && { Payload }), ...more }))
      const text = answer.Payload?.transformToString() ?? ''
      const value: unknown = text === '' ? undefined : JSON.parse(text)
      return { error: answer.FunctionError, value, version: answer.ExecutedVersion }
    },
  }
}
