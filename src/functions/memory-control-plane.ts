import type { ControlPlane, FunctionChange } from './control-plane.ts'
import type { FunctionRecord, FunctionVersion, VersionSummary } from './words.ts'

interface Kept {
  record: FunctionRecord
  readonly versions: Map<number, FunctionVersion>
}

const byName = (one: FunctionRecord, other: FunctionRecord): number => (one.name < other.name ? -1 : 1)

const summaryOf = ({
  function: name,
  number,
  hash,
  filename,
  settings,
  createdAt,
}: FunctionVersion): VersionSummary => ({
  function: name,
  number,
  hash,
  filename,
  settings,
  createdAt,
})

/** Keeps functions for as long as this process lives: for tests, and for hosts that deploy anew at each start. */
export function memoryControlPlane(): ControlPlane {
  const functions = new Map<string, Kept>()
  const versionsOf = (name: string): readonly FunctionVersion[] => [...(functions.get(name)?.versions.values() ?? [])]
  return {
    durable: false,
    read: (name) => Promise.resolve(functions.get(name)?.record),
    list: () => Promise.resolve([...functions.values()].map(({ record }) => record).toSorted(byName)),
    readVersion: (name, number) => Promise.resolve(functions.get(name)?.versions.get(number)),
    findVersion(name, hash) {
      const version = versionsOf(name).find((one) => one.hash === hash)
      return Promise.resolve(version && summaryOf(version))
    },
    versions: (name) => Promise.resolve(versionsOf(name).map(summaryOf).toReversed()),
    commit({ record, version }: FunctionChange) {
      const kept = functions.get(record.name)
      if ((kept?.record.revision ?? 0) !== record.revision - 1) return Promise.resolve(false)
      const versions = kept?.versions ?? new Map<number, FunctionVersion>()
      if (version !== undefined) versions.set(version.number, version)
      functions.set(record.name, { record, versions })
      return Promise.resolve(true)
    },
    remove(name, revision) {
      if (functions.get(name)?.record.revision !== revision) return Promise.resolve(false)
      return Promise.resolve(functions.delete(name))
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
