import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { FunctionHost } from '../../functions/function-host.ts'
import { conflict, notFound } from './aws-error.ts'
import { aliasOf } from './configuration.ts'
import { arnOf, parseName } from './names.ts'
import { bodyOf } from './request-body.ts'

interface AliasParams {
  readonly name: string
  readonly alias: string
}

const VERSION = z.string().regex(/^[1-9]\d*$/, 'must be a published version, which is a number')
const ROUTING = z
  .strictObject({ AdditionalVersionWeights: z.record(VERSION, z.number()).exactOptional() })
  .nullable()
  .exactOptional()
const CREATED = z.strictObject({ Name: z.string(), FunctionVersion: VERSION, RoutingConfig: ROUTING })
const UPDATED = z.strictObject({ FunctionVersion: VERSION.exactOptional(), RoutingConfig: ROUTING })

const FOLDER = '/2015-03-31/functions/:name/aliases'

/** Aliases with weighted routing. */
export function addAliases(scope: FastifyInstance, host: FunctionHost): void {
  scope.post<{ Params: AliasParams }>(FOLDER, async ({ params, body }, reply) => {
    const { name } = parseName(params.name)
    const { Name, FunctionVersion, RoutingConfig } = bodyOf(CREATED, body)
    const { aliases } = await host.show(name)
    if (Object.hasOwn(aliases, Name)) throw conflict(`Alias already exists: ${arnOf({ name, qualifier: Name })}`)
    await host.pointAlias(name, Name, Number(FunctionVersion), weightsIn(RoutingConfig))
    return reply.code(201).send(await shown(host, name, Name))
  })
  scope.get<{ Params: AliasParams }>(FOLDER, async ({ params }) => {
    const record = await host.show(parseName(params.name).name)
    return { Aliases: Object.entries(record.aliases).map(([name, alias]) => aliasOf(record, name, alias)) }
  })
  scope.get<{ Params: AliasParams }>(`${FOLDER}/:alias`, ({ params }) =>
    shown(host, parseName(params.name).name, params.alias),
  )
  scope.put<{ Params: AliasParams }>(`${FOLDER}/:alias`, async ({ params, body }) => {
    const { name } = parseName(params.name)
    const { FunctionVersion, RoutingConfig } = bodyOf(UPDATED, body)
    const before = (await host.show(name)).aliases[params.alias]
    if (before === undefined) throw noAlias(name, params.alias)
    const version = FunctionVersion === undefined ? before.version : Number(FunctionVersion)
    const weights = RoutingConfig === undefined ? before.weights : weightsIn(RoutingConfig)
    await host.pointAlias(name, params.alias, version, weights)
    return shown(host, name, params.alias)
  })
  scope.delete<{ Params: AliasParams }>(`${FOLDER}/:alias`, async ({ params }, reply) => {
    await host.removeAlias(parseName(params.name).name, params.alias)
    return reply.code(204).send()
  })
}

async function shown(host: FunctionHost, name: string, alias: string): Promise<object> {
  const record = await host.show(name)
  const found = record.aliases[alias]
  if (found === undefined) throw noAlias(name, alias)
  return aliasOf(record, alias, found)
}

const noAlias = (name: string, alias: string): Error =>
  notFound(`Cannot find alias arn: ${arnOf({ name, qualifier: alias })}`)

function weightsIn(routing: z.infer<typeof ROUTING> | undefined): Readonly<Record<string, number>> | undefined {
  const weights = routing?.AdditionalVersionWeights ?? {}
  return Object.keys(weights).length === 0 ? undefined : weights
}
