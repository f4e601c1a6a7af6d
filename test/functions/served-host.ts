import { afterAll, beforeAll } from 'vitest'
import type { FunctionHost } from '../../src/functions/function-host.ts'
import { type ServeOptions, type Serving, serveFunctions } from '../../src/server/serve.ts'
import { ANYWHERE } from './ask.ts'
import { open } from './scene.ts'

/** A host and where it is served. */
export interface ServedHost {
  readonly host: FunctionHost
  readonly url: string
}

/** Serves a host for the tests of a file or group. */
export function servedHost(options: Partial<ServeOptions> = {}): () => ServedHost {
  let host: FunctionHost
  let serving: Serving
  beforeAll(async () => {
    host = await open()
    serving = await serveFunctions(host, { ...ANYWHERE, ...options })
  })
  afterAll(async () => {
    await serving[Symbol.asyncDispose]()
    await host[Symbol.asyncDispose]()
  })
  return () => ({ host, url: serving.url })
}
