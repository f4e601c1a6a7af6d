import type { ControlPlane, FunctionChange } from './control-plane.ts'
import type { TokenRecord } from './roles.ts'
import type { FunctionRecord, VersionSummary } from './words.ts'

interface KeptVersion {
  readonly summary: VersionSummary
  readonly source: string
}

interface Kept {
  readonly record: FunctionRecord
  readonly versions: Map<number, KeptVersion>
}

const byName = (one: FunctionRecord, other: FunctionRecord): number => (one.name < other.name ? -1 : 1)

/** Keeps functions for as long as this process lives: for tests, and for hosts that deploy anew at each start. */
export function memoryControlPlane(): ControlPlane {
  const functions = new Map<string, Kept>()
  const tokens = new Map<string, TokenRecord>()
  const versionsOf = (name: string): readonly VersionSummary[] =>
    Array.from(functions.get(name)?.versions.values() ?? [], ({ summary }) => summary)
  return {
    durable: false,
    read: (name) => Promise.resolve(functions.get(name)?.record),
    list: () => Promise.resolve([...functions.values()].map(({ record }) => record).toSorted(byName)),
    readVersion(name, number) {
      const version = functions.get(name)?.versions.get(number)
      return Promise.resolve(version && { ...version.summary, source: version.source })
    },
    findVersion: (name, hash) => Promise.resolve(versionsOf(name).find((one) => one.hash === hash)),
    versions: (name) => Promise.resolve(versionsOf(name).toReversed()),
    commit({ record, version }: FunctionChange) {
      const kept = functions.get(record.name)
      if ((kept?.record.revision ?? 0) !== record.revision - 1) return Promise.resolve(false)
      const versions = kept?.versions ?? new Map<number, KeptVersion>()
      if (version !== undefined) {
        const { source, ...summary } = version
        versions.set(summary.number, { summary, source })
      }
      functions.set(record.name, { record, versions })
      return Promise.resolve(true)
    },
    remove(name, revision) {
      if (functions.get(name)?.record.revision !== revision) return Promise.resolve(false)
      return Promise.resolve(functions.delete(name))
    },
    readToken: (id) => Promise.resolve(tokens.get(id)),
    tokens: () => Promise.resolve([...tokens.values()]),
    putToken(token) {
      tokens.set(token.id, token)
      return Promise.resolve()
    },
    removeToken: (id) => Promise.resolve(tokens.delete(id)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
