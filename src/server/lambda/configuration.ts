import { DEFAULT_LIMITS, lowerLimits } from '../../core/limits.ts'
import type { Limits } from '../../core/types.ts'
import type { Alias, FunctionRecord, VersionSummary } from '../../functions/words.ts'
import { arnOf, versionName } from './names.ts'

/** Where what only AWS clients know is kept among the labels of a version. */
export const AWS_LABELS = {
  runtime: 'aws:runtime',
  role: 'aws:role',
  description: 'aws:description',
  /** The file of the handler, of which our own has the export alone. */
  file: 'aws:handler-file',
  sha256: 'aws:code-sha256',
  size: 'aws:code-size',
} as const

const RESERVED = 'aws:'
const DEFAULT_ROLE = 'arn:aws:iam::000000000000:role/ringfence'

/** The limits under which a version runs. */
const limitsOf = ({ settings: { trust, limits } }: VersionSummary): Limits => lowerLimits(DEFAULT_LIMITS[trust], limits)

/** As in `2026-11-24T14:53:30.000+0000`. */
const awsTime = (iso: string): string => iso.replace('Z', '+0000')

/** The file of a version's handler, as AWS clients name it. */
export const fileOf = ({ filename, settings }: VersionSummary): string =>
  settings.labels?.[AWS_LABELS.file] ?? filename.replace(/\.[^.]*$/, '')

/** A version's handler, as AWS clients name it. */
export const handlerOf = (version: VersionSummary): string =>
  `${fileOf(version)}.${version.settings.handler ?? 'handler'}`

/** What AWS calls a function's configuration. */
export function configurationOf(record: FunctionRecord, version: VersionSummary, qualifier?: string): object {
  const { settings, hash, createdAt } = version
  const { labels = {}, environment } = settings
  const { wallMs, memoryBytes } = limitsOf(version)
  return {
    FunctionName: record.name,
    FunctionArn: arnOf({ name: record.name, ...(qualifier !== undefined && { qualifier }) }),
    Runtime: labels[AWS_LABELS.runtime] ?? 'nodejs24.x',
    Role: labels[AWS_LABELS.role] ?? DEFAULT_ROLE,
    Handler: handlerOf(version),
    CodeSize: Number(labels[AWS_LABELS.size] ?? 0),
    Description: labels[AWS_LABELS.description] ?? '',
    Timeout: Math.ceil(wallMs / 1000),
    MemorySize: Math.round(memoryBytes / 2 ** 20),
    LastModified: awsTime(createdAt),
    CodeSha256: labels[AWS_LABELS.sha256] ?? Buffer.from(hash, 'hex').toString('base64'),
    Version: versionName(qualifier),
    ...(Object.keys(environment).length > 0 && { Environment: { Variables: environment } }),
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: revisionIdOf(record),
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: ['x86_64'],
    EphemeralStorage: { Size: 512 },
  }
}

/** Changes with whatever is changed of a function, in the form of a UUID. */
export const revisionIdOf = ({ revision }: Pick<FunctionRecord, 'revision'>): string =>
  `00000000-0000-4000-8000-${String(revision).padStart(12, '0')}`

/** What a client may see of the labels as tags. */
export const tagsOf = ({ settings: { labels = {}, trust } }: VersionSummary): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith(RESERVED))),
  'ringfence:trust': trust,
})

/** What AWS calls the configuration of an alias. */
export const aliasOf = (record: FunctionRecord, name: string, { version, weights }: Alias): object => ({
  AliasArn: arnOf({ name: record.name, qualifier: name }),
  Name: name,
  FunctionVersion: String(version),
  Description: '',
  RevisionId: revisionIdOf(record),
  ...(weights !== undefined && { RoutingConfig: { AdditionalVersionWeights: weights } }),
})
