import { DeleteFunctionCommand, InvokeCommand, InvokeWithResponseStreamCommand } from '@aws-sdk/client-lambda'
import { describe, expect, it } from 'vitest'
import { lambdaScene } from './lambda-scene.ts'

describe('@aws-sdk/client-lambda calls functions: it', () => {
  const scene = lambdaScene()

  it('invokes with logs, a client context, and dry', async () => {
    const { client, create } = scene()
    await create(
      'told',
      `exports.handler = async (event, { clientContext, ...context }) => {
      console.log('a line'); return [clientContext, Object.keys(context).sort()] }`,
    )
    const ClientContext = Buffer.from('{"custom":{"a":"b"}}').toString('base64')
    const answer = await client.send(new InvokeCommand({ FunctionName: 'told', LogType: 'Tail', ClientContext }))
    const [context, keys] = JSON.parse(answer.Payload?.transformToString() ?? '')
    expect(context).toEqual({ custom: { a: 'b' } })
    expect(keys).toEqual(
      [
        'awsRequestId',
        'callbackWaitsForEmptyEventLoop',
        'functionName',
        'functionVersion',
        'getRemainingTimeInMillis',
        'invokedFunctionArn',
        'logGroupName',
        'logStreamName',
        'memoryLimitInMB',
      ].filter((key) => key !== 'callbackWaitsForEmptyEventLoop'),
    )
    const log = Buffer.from(answer.LogResult ?? '', 'base64').toString()
    expect(log).toMatch(
      /^START RequestId: \S+ Version: \$LATEST\n.*\tINFO\ta line\nEND RequestId: .*\nREPORT RequestId: .*Duration: /s,
    )
    const dry = await client.send(new InvokeCommand({ FunctionName: 'told', InvocationType: 'DryRun' }))
    expect(dry.StatusCode).toBe(204)
    await expect(
      client.send(new InvokeCommand({ FunctionName: 'told', InvocationType: 'Event' })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    })
  })

  it.each([
    ['Error', `exports.handler = async () => { throw new Error('mine') }`, /^mine$/],
    ['TypeError', `exports.handler = (event, context, done) => done(new TypeError('mine'))`, /^mine$/],
    [
      'Sandbox.Timedout',
      `exports.handler = () => { for (;;); }`,
      /^RequestId: \S+ Error: Task timed out after \d\.\d\d seconds$/,
    ],
    [
      'Sandbox.Timedout',
      `exports.handler = () => new Promise(() => {})`,
      /^RequestId: \S+ Error: Task timed out after \d\.\d\d seconds$/,
    ],
    ['Runtime.HandlerNotFound', `exports.other = 1`, /handler/],
    ['Runtime.UserCodeSyntaxError', `exports.handler = (`, /^SyntaxError: /],
    [
      'Runtime.ImportModuleError',
      `const fs = require('fs'); exports.handler = () => fs`,
      /^Error: Cannot import "(node:)?fs"/,
    ],
    ['Function.ResponseSizeTooLarge', `exports.handler = () => 'x'.repeat(3_000_000)`, /outputBytes/],
    [
      'Runtime.ExitError',
      `exports.handler = () => { for (;;) console.log('x'.repeat(10_000)) }`,
      /^RequestId: \S+ Error: The limit "logBytes" of \d+ was reached$/,
    ],
  ])('is told of a function that fails as %s: %s', async (type, source, message) => {
    const { client, create, invoke } = scene()
    await create('fails', source, { Tags: { 'ringfence:trust': 'untrusted' } })
    const { error, value } = await invoke('fails')
    await client.send(new DeleteFunctionCommand({ FunctionName: 'fails' }))
    expect(error).toBe('Unhandled')
    expect(value).toMatchObject({
      errorType: type,
      errorMessage: expect.stringMatching(message),
    })
  })

  it('is told that memory ran out, and that an operator killed it', async () => {
    const { create, host, invoke } = scene()
    const hungry = `exports.handler = () => { const all = []; for (;;) all.push(new Array(1_000_000).fill(1.5)) }`
    await create('hungry', hungry, { MemorySize: 32 })
    expect(await invoke('hungry')).toMatchObject({ error: 'Unhandled', value: { errorType: 'Runtime.OutOfMemory' } })
    await create('waits', `exports.handler = () => { console.log('began'); return new Promise(() => {}) }`, {
      Tags: { 'ringfence:trust': 'limited' },
    })
    const waiting = invoke('waits')
    await expect.poll(() => host.logs('waits').length, { timeout: 10_000 }).toBe(1)
    expect(await host.kill('waits', 'incident 7')).toBe(1)
    expect(await waiting).toMatchObject({
      error: 'Unhandled',
      value: {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Runtime exited/),
      },
    })
  })

  it('reads an answer as it is made', async () => {
    const { client, create } = scene()
    await create(
      'streams',
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.setContentType('text/plain'); stream.write('one '); await new Promise((done) => setTimeout(done, 20)); stream.end('two') })`,
    )
    await create(
      'breaks',
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write('one'); await new Promise((done) => setTimeout(done, 20)); throw new RangeError('mine') })`,
    )
    await create('plain', `exports.handler = async () => ({ a: 1 })`)
    const read = async (FunctionName: string): Promise<readonly [string[], object | undefined]> => {
      const { EventStream = [] } = await client.send(
        new InvokeWithResponseStreamCommand({ FunctionName, LogType: 'Tail' }),
      )
      const chunks: string[] = []
      let end: object | undefined
      for await (const { PayloadChunk, InvokeComplete } of EventStream) {
        if (PayloadChunk?.Payload) chunks.push(Buffer.from(PayloadChunk.Payload).toString())
        if (InvokeComplete) end = InvokeComplete
      }
      return [chunks, end]
    }
    expect(await read('streams')).toEqual([['one ', 'two'], { LogResult: expect.any(String) }])
    expect(await read('plain')).toMatchObject([['{"a":1}'], {}])
    expect(await read('breaks')).toMatchObject([
      ['one'],
      { ErrorCode: 'RangeError', ErrorDetails: expect.stringContaining('mine') },
    ])
    await expect(read('nowhere')).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })
})
