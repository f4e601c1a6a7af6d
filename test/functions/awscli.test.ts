import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { strToU8, zipSync } from 'fflate'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FunctionHost } from '../../src/functions/function-host.ts'
import { type Serving, serveFunctions } from '../../src/server/serve.ts'
import { ANYWHERE } from './ask.ts'
import { open } from './scene.ts'

/** Debian's, of the package `awscli`. */
const AWS = '/usr/bin/aws'
const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret' }

let host: FunctionHost
let serving: Serving
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-test-'))
  host = await open()
  serving = await serveFunctions(host, { ...ANYWHERE, token: 'the token', awsKey: KEY })
})
afterAll(async () => {
  await serving[Symbol.asyncDispose]()
  await host[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** Runs `aws lambda`, and answers with its exit code, what it wrote, and that read as JSON. */
async function aws(
  ...args: string[]
): Promise<{ code: number | undefined; stderr: string; json: Record<string, unknown> }> {
  const { exitCode, stdout, stderr } = await execa(AWS, ['--endpoint-url', serving.url, 'lambda', ...args], {
    cwd: folder,
    extendEnv: false,
    env: {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      AWS_ACCESS_KEY_ID: KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_MAX_ATTEMPTS: '1',
      AWS_PAGER: '',
    },
    reject: false,
  })
  return { code: exitCode, stderr, json: stdout === '' ? {} : JSON.parse(stdout) }
}

const zip = (name: string, text: string): void =>
  writeFileSync(join(folder, name), zipSync({ 'index.mjs': strToU8(text) }))

it.skipIf(!existsSync(AWS))("Debian's awscli creates, invokes, versions, stops and deletes a function", async () => {
  zip('one.zip', `export const handler = async ({ n = 0 }) => { console.log('a line'); return n + 1 }`)
  zip('two.zip', `export const handler = async () => 'two'`)
  const named = ['--function-name', 'cli']
  const made = await aws(
    'create-function',
    ...named,
    '--runtime',
    'nodejs18.x',
    '--handler',
    'index.handler',
    '--role',
    'arn:aws:iam::1:role/r',
    '--zip-file',
    'fileb://one.zip',
    '--environment',
    'Variables={A=1}',
  )
  expect([made.code, made.stderr, made.json['State']]).toEqual([0, '', 'Active'])
  const payload = ['--payload', '{"n":41}', '--cli-binary-format', 'raw-in-base64-out', '--log-type', 'Tail']
  const invoked = await aws('invoke', ...named, ...payload, 'out.json')
  expect([invoked.code, invoked.json['StatusCode'], invoked.json['ExecutedVersion']]).toEqual([0, 200, '$LATEST'])
  expect(readFileSync(join(folder, 'out.json'), 'utf8')).toBe('42')
  expect(Buffer.from(String(invoked.json['LogResult']), 'base64').toString()).toContain('a line')

  expect((await aws('publish-version', ...named)).json['Version']).toBe('1')
  expect((await aws('update-function-code', ...named, '--zip-file', 'fileb://two.zip')).code).toBe(0)
  const alias = ['--name', 'prod', '--function-version', '1', '--routing-config', 'AdditionalVersionWeights={2=0.25}']
  expect((await aws('create-alias', ...named, ...alias)).json['RoutingConfig']).toEqual({
    AdditionalVersionWeights: { 2: 0.25 },
  })
  expect((await aws('list-functions')).json['Functions']).toMatchObject([{ FunctionName: 'cli' }])
  expect((await aws('get-function', ...named)).json['Configuration']).toMatchObject({ Handler: 'index.handler' })

  const none = ['--reserved-concurrent-executions', '0']
  expect((await aws('put-function-concurrency', ...named, ...none)).code).toBe(0)
  const stopped = await aws('invoke', ...named, 'out.json')
  expect([stopped.code, stopped.stderr]).toEqual([254, expect.stringContaining('(TooManyRequestsException)')])
  expect((await aws('delete-function', ...named)).code).toBe(0)
  const gone = await aws('get-function', ...named)
  expect(gone.stderr).toContain('(ResourceNotFoundException)')
})
