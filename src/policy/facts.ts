import type { Limits, TierId, TrustLevel, Workload } from '../core/types.ts'

/** A host function the caller passes with this very call. */
export interface FunctionFact {
  /** As `module/function`. */
  readonly name: string
  readonly sync: boolean
}

/** All that a decision may depend on. Two equal sets of facts are always decided alike. */
export interface Facts {
  readonly trust: TrustLevel
  readonly workload: Workload
  /** The tier the caller asked for. */
  readonly tier?: TierId
  /** The limits the caller asked for. */
  readonly limits?: Partial<Limits>
  readonly functions: readonly FunctionFact[]
  /** Bytes of the program and of every module passed as text. */
  readonly sourceBytes: number
  /** Bytes of the input as it will cross the wall. */
  readonly inputBytes: number
  readonly tenant: string
  /** Hash of the prepared program, once there is one. */
  readonly program?: string
}

/** What the broker knows of a call before anything of it ran. */
export interface Evidence {
  readonly source: string
  /** The modules passed as text, without the main source. */
  readonly modules?: readonly string[] | undefined
  /** The input, encoded. */
  readonly input: string
  readonly trust?: TrustLevel | undefined
  readonly workload?: Workload | undefined
  readonly tier?: TierId | undefined
  readonly limits?: Partial<Limits> | undefined
  readonly functions?: readonly FunctionFact[] | undefined
  readonly tenant?: string | undefined
  readonly program?: string | undefined
}

/** Who answers for code when the caller names nobody. */
export const DEFAULT_TENANT = 'default'

/** Turns evidence into facts. Whatever the caller left open is filled in on the safe side. */
export function classify(evidence: Evidence): Facts {
  const { source, modules = [], input, tier, limits, program } = evidence
  return {
    trust: evidence.trust ?? 'untrusted',
    workload: evidence.workload ?? 'light',
    functions: evidence.functions ?? [],
    sourceBytes: modules.reduce((bytes, text) => bytes + Buffer.byteLength(text), Buffer.byteLength(source)),
    inputBytes: Buffer.byteLength(input),
    tenant: evidence.tenant ?? DEFAULT_TENANT,
    ...(tier !== undefined && { tier }),
    ...(limits !== undefined && { limits }),
    ...(program !== undefined && { program }),
  }
}
