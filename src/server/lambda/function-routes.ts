import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { checkDeployment } from '../../functions/deployment.ts'
import type { FunctionHost } from '../../functions/function-host.ts'
import { found } from '../http-answers.ts'
import { AwsError, conflict, invalid } from './aws-error.ts'
import { readCode, splitHandler } from './code.ts'
import { AWS_LABELS, configurationOf, fileOf, handlerOf, revisionIdOf, tagsOf } from './configuration.ts'
import { arnOf, parseName } from './names.ts'
import { BASE64, bodyOf } from './request-body.ts'

interface NameParams {
  readonly name: string
}
interface Qualified {
  Params: NameParams
  Querystring: { readonly Qualifier?: string }
}

const SETTINGS = {
  Runtime: z
    .string()
    .regex(/^nodejs/, 'must be a nodejs runtime: functions are JavaScript')
    .exactOptional(),
  Role: z.string().max(1024).exactOptional(),
  Handler: z.string().exactOptional(),
  Description: z.string().max(256).exactOptional(),
  Timeout: z.number().int().min(1).max(900).exactOptional(),
  MemorySize: z.number().int().min(1).max(10_240).exactOptional(),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.string()).exactOptional() }).exactOptional(),
}
const PACKAGE = {
  Architectures: z.tuple([z.enum(['x86_64', 'arm64'])]).exactOptional(),
  Publish: z.boolean().exactOptional(),
}
const REVISION = { RevisionId: z.string().exactOptional() }
const CREATED = z.strictObject({
  ...SETTINGS,
  ...PACKAGE,
  FunctionName: z.string(),
  Handler: z.string(),
  Code: z.strictObject({ ZipFile: BASE64 }),
  PackageType: z.literal('Zip').exactOptional(),
  Tags: z.record(z.string(), z.string()).exactOptional(),
})
const RECODED = z.strictObject({ ...PACKAGE, ...REVISION, ZipFile: BASE64, DryRun: z.boolean().exactOptional() })
const RECONFIGURED = z.strictObject({ ...SETTINGS, ...REVISION })
const PUBLISHED = z.strictObject({ ...REVISION, CodeSha256: z.string().exactOptional() })
const CONCURRENCY = z.strictObject({ ReservedConcurrentExecutions: z.number().int().min(0) })

type Settings = z.infer<typeof RECONFIGURED>

const FOLDER = '/2015-03-31/functions'
const PAGE = 50

/** Functions, their code, configuration, versions and concurrency. */
export function addFunctions(scope: FastifyInstance, host: FunctionHost): void {
  addWriting(scope, host)
  addReading(scope, host)
  addConcurrency(scope, host)
}

function addWriting(scope: FastifyInstance, host: FunctionHost): void {
  for (const path of [FOLDER, `${FOLDER}/`]) {
    scope.post(path, async ({ body }, reply) => reply.code(201).send(await create(host, body)))
  }
  scope.put<{ Params: NameParams }>(`${FOLDER}/:name/code`, ({ params, body }) =>
    recode(host, parseName(params.name).name, body),
  )
  scope.put<{ Params: NameParams }>(`${FOLDER}/:name/configuration`, ({ params, body }) =>
    reconfigure(host, parseName(params.name).name, body),
  )
  scope.delete<Qualified>(`${FOLDER}/:name`, async ({ params, query }, reply) => {
    const { name, qualifier } = parseName(params.name, query.Qualifier)
    if (qualifier !== undefined) throw invalid('A version cannot be deleted alone: it goes with its function')
    await host.remove(name)
    return reply.code(204).send()
  })
}

async function create(host: FunctionHost, body: unknown): Promise<object> {
  const given = bodyOf(CREATED, body)
  const { FunctionName, Code: sent, Handler, Publish, Tags = {} } = given
  const { name } = parseName(FunctionName)
  if ((await found(host, name)) !== undefined) throw conflict(`Function already exist: ${name}`)
  const { 'ringfence:trust': trust, 'ringfence:tenant': tenant, ...tags } = Tags
  const code = await readCode(sent.ZipFile, Handler)
  const deployment = {
    name,
    modules: 'node',
    trust,
    tenant,
    ...code,
    ...settingsOf(given),
    labels: { ...tags, ...labelsOf(given), ...codeLabels(sent.ZipFile, Handler) },
  }
  await host.install(checkDeployment(deployment), 'no-trial')
  return described(host, name, Publish === true)
}

async function recode(host: FunctionHost, name: string, body: unknown): Promise<object> {
  const { ZipFile, Publish, DryRun, RevisionId } = bodyOf(RECODED, body)
  const version = await host.read(name)
  await expectRevision(host, name, RevisionId)
  const { settings } = version
  const handler = handlerOf(version)
  const code = await readCode(ZipFile, handler)
  const labels = { ...settings.labels, ...codeLabels(ZipFile, handler) }
  const deployment = checkDeployment({ name, ...settings, ...code, labels })
  if (DryRun !== true) await host.install(deployment, 'no-trial')
  return described(host, name, Publish === true)
}

async function reconfigure(host: FunctionHost, name: string, body: unknown): Promise<object> {
  const given = bodyOf(RECONFIGURED, body)
  const version = await host.read(name)
  const { source, filename, settings } = version
  await expectRevision(host, name, given.RevisionId)
  const { limits, handler } = settingsOf(given)
  const labels = { ...settings.labels, ...labelsOf(given) }
  if (given.Handler !== undefined && splitHandler(given.Handler).stem !== fileOf(version)) {
    throw invalid('A handler in another file needs the code again: delete the function and create it')
  }
  const changed = {
    ...settings,
    ...(given.Environment && { environment: given.Environment.Variables ?? {} }),
    ...(handler !== undefined && { handler }),
    limits: { ...settings.limits, ...limits },
    labels,
  }
  await host.install(checkDeployment({ name, source, filename, ...changed }), 'no-trial')
  return described(host, name, false)
}

/** What of our own settings a client says in AWS's words. */
function settingsOf({ Handler, Timeout, MemorySize, Environment }: Settings): {
  readonly limits: object
  readonly environment?: Readonly<Record<string, string>>
  readonly handler?: string
} {
  return {
    limits: {
      ...(Timeout !== undefined && { wallMs: Timeout * 1000 }),
      ...(MemorySize !== undefined && { memoryBytes: MemorySize * 2 ** 20 }),
    },
    ...(Environment?.Variables && { environment: Environment.Variables }),
    ...(Handler !== undefined && { handler: splitHandler(Handler).path }),
  }
}

const labelsOf = ({ Runtime, Role, Description }: Settings): Readonly<Record<string, string>> => ({
  ...(Runtime !== undefined && { [AWS_LABELS.runtime]: Runtime }),
  ...(Role !== undefined && { [AWS_LABELS.role]: Role }),
  ...(Description !== undefined && { [AWS_LABELS.description]: Description }),
})

const codeLabels = (bytes: Buffer, handler: string): Readonly<Record<string, string>> => ({
  [AWS_LABELS.file]: splitHandler(handler).stem,
  [AWS_LABELS.sha256]: createHash('sha256').update(bytes).digest('base64'),
  [AWS_LABELS.size]: String(bytes.length),
})

async function expectRevision(host: FunctionHost, name: string, given: string | undefined): Promise<void> {
  if (given === undefined || given === revisionIdOf(await host.show(name))) return
  const message = 'The RevisionId provided does not match the latest RevisionId.'
  throw new AwsError(412, 'PreconditionFailedException', message, { Type: 'User', message })
}

/** The newest deployment, under its number or as what calls reach by no other name. */
async function described(host: FunctionHost, name: string, asVersion: boolean): Promise<object> {
  const version = await host.read(name)
  return configurationOf(await host.show(name), version, asVersion ? String(version.number) : undefined)
}

function addReading(scope: FastifyInstance, host: FunctionHost): void {
  for (const path of [FOLDER, `${FOLDER}/`]) {
    scope.get<{ Querystring: { readonly Marker?: string; readonly MaxItems?: string } }>(path, async ({ query }) => {
      const most = Math.min(Number(query.MaxItems ?? PAGE), PAGE)
      const rest = (await host.list()).filter(({ name }) => name > (query.Marker ?? ''))
      const page = rest.slice(0, most)
      const Functions = await Promise.all(page.map(({ name }) => described(host, name, false)))
      return { Functions, ...(rest.length > page.length && { NextMarker: page.at(-1)?.name }) }
    })
  }
  scope.get<Qualified>(`${FOLDER}/:name`, async ({ params, query }) => {
    const { name, qualifier } = parseName(params.name, query.Qualifier)
    const [record, version] = [await host.show(name), await host.read(name, qualifier)]
    const { concurrency } = record
    return {
      Configuration: configurationOf(record, version, qualifier),
      Tags: tagsOf(version),
      ...(concurrency !== undefined && { Concurrency: { ReservedConcurrentExecutions: concurrency } }),
    }
  })
  scope.get<Qualified>(`${FOLDER}/:name/configuration`, async ({ params, query }) => {
    const { name, qualifier } = parseName(params.name, query.Qualifier)
    return configurationOf(await host.show(name), await host.read(name, qualifier), qualifier)
  })
  scope.get<{ Params: NameParams }>(`${FOLDER}/:name/versions`, async ({ params }) => {
    const { name } = parseName(params.name)
    const record = await host.show(name)
    const versions = (await host.versions(name)).toReversed()
    return {
      Versions: [
        await described(host, name, false),
        ...versions.map((version) => configurationOf(record, version, String(version.number))),
      ],
    }
  })
  scope.post<{ Params: NameParams }>(`${FOLDER}/:name/versions`, async ({ params, body }, reply) => {
    const { name } = parseName(params.name)
    const { CodeSha256, RevisionId } = bodyOf(PUBLISHED, body)
    await expectRevision(host, name, RevisionId)
    const { settings } = await host.read(name)
    if (CodeSha256 !== undefined && CodeSha256 !== settings.labels?.[AWS_LABELS.sha256]) {
      throw invalid(`CodeSHA256 (${CodeSha256}) is different from current CodeSHA256 of ${arnOf({ name })}`)
    }
    return reply.code(201).send(await described(host, name, true))
  })
}

function addConcurrency(scope: FastifyInstance, host: FunctionHost): void {
  const path = '/2017-10-31/functions/:name/concurrency'
  scope.put<{ Params: NameParams }>(path, async ({ params, body }) => {
    const { ReservedConcurrentExecutions } = bodyOf(CONCURRENCY, body)
    await host.setConcurrency(parseName(params.name).name, ReservedConcurrentExecutions)
    return { ReservedConcurrentExecutions }
  })
  scope.delete<{ Params: NameParams }>(path, async ({ params }, reply) => {
    await host.setConcurrency(parseName(params.name).name, undefined)
    return reply.code(204).send()
  })
  scope.get<{ Params: NameParams }>('/2019-09-30/functions/:name/concurrency', async ({ params }) => {
    const { concurrency } = await host.show(parseName(params.name).name)
    return concurrency === undefined ? {} : { ReservedConcurrentExecutions: concurrency }
  })
}
