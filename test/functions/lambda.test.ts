import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda'
import { describe, expect, it } from 'vitest'
import { lambdaScene, ROLE, zip } from './lambda-scene.ts'

describe('@aws-sdk/client-lambda keeps functions: it', () => {
  const scene = lambdaScene()

  it('creates, gets, lists, updates, publishes and deletes a function', async () => {
    const { client, create, invoke } = scene()
    const source = `exports.handler = async (event, context) => [event, context.functionName, process.env.A ?? null]`
    const created = await create('life', source, { Description: 'first', Environment: { Variables: { A: '1' } } })
    expect(created).toMatchObject({
      FunctionName: 'life',
      Runtime: 'nodejs22.x',
      Role: ROLE,
      Handler: 'index.handler',
      Description: 'first',
      Version: '$LATEST',
      State: 'Active',
      Environment: { Variables: { A: '1' } },
    })
    await expect(create('life', source)).rejects.toMatchObject({ name: 'ResourceConflictException' })
    await waitUntilFunctionActiveV2({ client, maxWaitTime: 5 }, { FunctionName: 'life' })
    expect(await invoke('life', { a: 1 })).toEqual({
      error: undefined,
      value: [{ a: 1 }, 'life', '1'],
      version: '$LATEST',
    })
    const published = await client.send(new PublishVersionCommand({ FunctionName: 'life' }))
    expect(published.Version).toBe('1')
    await client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: 'life', Environment: { Variables: { A: '2' } } }),
    )
    const recoded = await client.send(
      new UpdateFunctionCodeCommand({
        FunctionName: 'life',
        ZipFile: zip({ 'index.js': `exports.handler = async () => 'new ' + process.env.A` }),
        Publish: true,
      }),
    )
    expect([recoded.Version, recoded.Description]).toEqual(['3', 'first'])
    expect((await invoke('life')).value).toBe('new 2')
    expect(await invoke('life', {}, { Qualifier: '1' })).toMatchObject({ value: [{}, 'life', '1'], version: '1' })
    expect((await invoke('arn:aws:lambda:eu-west-1:000000000000:function:life:1')).version).toBe('1')
    const { Versions = [] } = await client.send(new ListVersionsByFunctionCommand({ FunctionName: 'life' }))
    expect(Versions.map(({ Version }) => Version)).toEqual(['$LATEST', '1', '2', '3'])
    const { Functions = [] } = await client.send(new ListFunctionsCommand({}))
    expect(Functions.map(({ FunctionName }) => FunctionName)).toContain('life')
    const got = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'life', Qualifier: '1' }))
    expect([got.Version, got.Environment?.Variables]).toEqual(['1', { A: '1' }])
    await client.send(new DeleteFunctionCommand({ FunctionName: 'life' }))
    await expect(client.send(new GetFunctionCommand({ FunctionName: 'life' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringContaining('Function not found: arn:aws:lambda:'),
    })
  })

  it('weighs versions behind an alias', async () => {
    const { client, create, invoke } = scene()
    await create('weighed', `exports.handler = async () => 'one'`)
    const code = { FunctionName: 'weighed', ZipFile: zip({ 'index.js': `exports.handler = async () => 'two'` }) }
    await client.send(new UpdateFunctionCodeCommand(code))
    const alias = { FunctionName: 'weighed', Name: 'prod' }
    const RoutingConfig = { AdditionalVersionWeights: { 2: 0.5 } }
    expect(await client.send(new CreateAliasCommand({ ...alias, FunctionVersion: '1', RoutingConfig }))).toMatchObject({
      FunctionVersion: '1',
      RoutingConfig,
    })
    const values = new Set<unknown>()
    for (let n = 0; n < 40; n += 1) values.add((await invoke('weighed', {}, { Qualifier: 'prod' })).value)
    expect(values).toEqual(new Set(['one', 'two']))
    const empty = { AdditionalVersionWeights: {} }
    await client.send(new UpdateAliasCommand({ ...alias, FunctionVersion: '2', RoutingConfig: empty }))
    expect((await invoke('weighed', {}, { Qualifier: 'prod' })).value).toBe('two')
    expect((await client.send(new GetAliasCommand(alias))).RoutingConfig).toBeUndefined()
    const { Aliases = [] } = await client.send(new ListAliasesCommand({ FunctionName: 'weighed' }))
    expect(Aliases.map(({ Name }) => Name)).toContain('prod')
    await client.send(new DeleteAliasCommand(alias))
    await expect(client.send(new GetAliasCommand(alias))).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  it('stops a function by a concurrency of 0', async () => {
    const { client, create, invoke } = scene()
    await create('stopped', `exports.handler = async () => 1`)
    const FunctionName = 'stopped'
    await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }))
    await expect(invoke('stopped')).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      $metadata: { httpStatusCode: 429 },
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    })
    const read = new GetFunctionConcurrencyCommand({ FunctionName })
    expect((await client.send(read)).ReservedConcurrentExecutions).toBe(0)
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
    expect((await invoke('stopped')).value).toBe(1)
  })

  it('sends many files, a file in a folder, or one text', async () => {
    const { create, invoke } = scene()
    const files = {
      'src/app.mjs': `import { b } from './lib/b.js'; export const api = { go: async () => b }`,
      'src/lib/b.js': `export const b = 'of b'`,
    }
    await create('many', files, { Handler: 'src/app.api.go' })
    expect((await invoke('many')).value).toBe('of b')
    const commonjs = {
      'index.js': `const { b } = require('./b'); const { EventEmitter } = require('events'); exports.handler = async () => [b, typeof EventEmitter]`,
      'b.js': `exports.b = 'of b'`,
    }
    await create('common', commonjs)
    expect((await invoke('common')).value).toEqual(['of b', 'function'])
    const Code = {
      ZipFile: Buffer.from('export const handler = async (event: { a: number }): Promise<number> => event.a + 1'),
    }
    await create('text', '', { Code })
    expect((await invoke('text', { a: 1 })).value).toBe(2)
  })
})
