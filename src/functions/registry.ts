import { RingfenceError } from '../core/errors.ts'
import { checkWeights, numberOf, pointed } from './aliases.ts'
import type { ControlPlane } from './control-plane.ts'
import { badDeployment, type CheckedDeployment, NAME_PATTERN, versionOf } from './deployment.ts'
import type { SecretBox } from './secret-box.ts'
import type { Alias, FunctionRecord, FunctionVersion, VersionSummary } from './words.ts'

/** What calls reach that name no version. */
const LIVE = 'live'
const DEFAULT_TENANT = 'default'
/** How often a change is made anew because somebody else's came first. */
const ATTEMPTS = 20

/** A version that was chosen for a call, with what its function is as a whole. */
export interface Chosen {
  readonly record: FunctionRecord
  readonly version: FunctionVersion
}

/** What deploying comes to. */
export interface Drafted extends Chosen {
  /** Whether this very version was there already. */
  readonly unchanged: boolean
}

/** Decides what changes to functions mean, and has them kept. */
export class Registry {
  readonly #plane: ControlPlane
  readonly #box: SecretBox | undefined

  constructor(plane: ControlPlane, box: SecretBox | undefined) {
    this.#plane = plane
    this.#box = box
  }

  /** What deploying would make now, for a look at it before it is made. */
  async draft(deployment: CheckedDeployment): Promise<Drafted> {
    const { name, hash } = deployment
    const now = new Date().toISOString()
    const before = await this.#plane.read(name)
    if (before !== undefined && (deployment.tenant ?? before.tenant) !== before.tenant) {
      throw badDeployment(`"${name}" belongs to another tenant`)
    }
    const known = before && (await this.#plane.findVersion(name, hash))
    const version = { ...versionOf(deployment, (before?.latest ?? 0) + 1, now), ...known }
    return {
      record: this.#deployedRecord(before, deployment, version.number, now),
      version,
      unchanged: known !== undefined,
    }
  }

  /** Makes a version and points `live` to it. What was deployed before, the same to the letter, keeps its number. */
  async deploy(deployment: CheckedDeployment): Promise<Drafted> {
    return this.#retried(deployment.name, async () => {
      const { record, version, unchanged } = await this.draft(deployment)
      const isKept = await this.#plane.commit({ record, ...(!unchanged && { version }) })
      return isKept ? { record, version, unchanged } : undefined
    })
  }

  /** Throws `RF_NO_FUNCTION` when there is none of this name. */
  async read(name: string): Promise<FunctionRecord> {
    const record = await this.#plane.read(name)
    if (record === undefined) throw noFunction(`Function "${name}" does not exist`)
    return record
  }

  list(): Promise<readonly FunctionRecord[]> {
    return this.#plane.list()
  }

  async versions(name: string): Promise<readonly VersionSummary[]> {
    await this.read(name)
    return this.#plane.versions(name)
  }

  /**
   * Finds the version that a qualifier names: a number, an alias, or `live` when not given. An alias with weights chooses by
   * `chance`, a number from 0 to below 1.
   */
  async choose(name: string, qualifier: string = LIVE, chance: number = Math.random()): Promise<Chosen> {
    const record = await this.read(name)
    const number = numberOf(record, qualifier, chance)
    const version = number === undefined ? undefined : await this.#plane.readVersion(name, number)
    if (version === undefined) throw noFunction(`Function "${name}" has no version or alias "${qualifier}"`)
    return { record, version }
  }

  /** What a version sees as its environment: its variables, and the secrets of its function. */
  environmentOf({ record, version }: Chosen): Readonly<Record<string, string>> {
    const sealed = Object.entries(record.secrets)
    const secrets = sealed.map(([key, text]): [string, string] => [key, this.#opened(record.name, key, text)])
    return { ...version.settings.environment, ...Object.fromEntries(secrets) }
  }

  /** Points an alias to a version. Throws `RF_NO_FUNCTION` when a version is not there, `RangeError` for wrong weights. */
  async pointAlias(name: string, alias: string, version: number, weights?: Alias['weights']): Promise<FunctionRecord> {
    const attempt = `Cannot point alias "${alias}"`
    if (!NAME_PATTERN.test(alias) || /^\d+$/.test(alias)) {
      throw new RangeError(`${attempt}: a name is letters, digits and inner hyphens, and not a number`)
    }
    checkWeights(weights, version, attempt)
    for (const number of [version, ...Object.keys(weights ?? {}).map(Number)]) {
      if ((await this.#plane.readVersion(name, number)) === undefined) {
        throw noFunction(`${attempt}: function "${name}" has no version ${number}`)
      }
    }
    return this.change(name, (record) => ({ ...record, aliases: pointed(record, alias, version, weights) }))
  }

  /** Points `live` to what it pointed to before, or to the version that is named. */
  async rollBack(name: string, to?: number): Promise<FunctionRecord> {
    const target = to ?? (await this.read(name)).aliases[LIVE]?.previous
    if (target === undefined) throw noFunction(`Cannot roll back function "${name}": there is no version before`)
    return this.pointAlias(name, LIVE, target)
  }

  async removeAlias(name: string, alias: string): Promise<FunctionRecord> {
    if (alias === LIVE) throw new RangeError(`Cannot remove alias "${LIVE}": every function has it`)
    return this.change(name, (record) => {
      const { [alias]: gone, ...aliases } = record.aliases
      if (gone === undefined) throw noFunction(`Function "${name}" has no alias "${alias}"`)
      return { ...record, aliases }
    })
  }

  /** Changes what is known of a function as a whole. */
  async change(name: string, make: (record: FunctionRecord) => FunctionRecord): Promise<FunctionRecord> {
    return this.#retried(name, async () => {
      const before = await this.read(name)
      const record = { ...make(before), revision: before.revision + 1, changedAt: new Date().toISOString() }
      return (await this.#plane.commit({ record })) ? record : undefined
    })
  }

  async remove(name: string): Promise<void> {
    await this.#retried(name, async () => {
      const { revision } = await this.read(name)
      return (await this.#plane.remove(name, revision)) || undefined
    })
  }

  #deployedRecord(
    before: FunctionRecord | undefined,
    { name, tenant, access, concurrency, rate, secrets }: CheckedDeployment,
    version: number,
    now: string,
  ): FunctionRecord {
    const base = before ?? firstRecord(name, tenant ?? DEFAULT_TENANT, now)
    const { rate: rateBefore, ...rest } = base
    const rateNow = rate ?? rateBefore
    return {
      ...rest,
      ...(rateNow !== undefined && rateNow !== 'none' && { rate: rateNow }),
      ...(access !== undefined && { access }),
      ...(concurrency !== undefined && { concurrency }),
      aliases: pointed(base, LIVE, version),
      latest: Math.max(base.latest, version),
      secrets: this.#sealed(name, base.secrets, secrets),
      changedAt: now,
      revision: base.revision + 1,
    }
  }

  #sealed(
    name: string,
    before: FunctionRecord['secrets'],
    given: Readonly<Record<string, string>>,
  ): FunctionRecord['secrets'] {
    const kept = Object.entries(before).filter(([key]) => !Object.hasOwn(given, key))
    const sealed = Object.entries(given)
      .filter(([, value]) => value !== '')
      .map(([key, value]): [string, string] => [key, this.#boxFor(key).seal(value, `${name}/${key}`)])
    return Object.fromEntries([...kept, ...sealed])
  }

  #opened(name: string, key: string, text: string): string {
    try {
      return this.#boxFor(key).open(text, `${name}/${key}`)
    } catch (error) {
      if (error instanceof RingfenceError) throw error
      throw new RingfenceError(
        'RF_BAD_STATE',
        `Cannot open secret "${key}" of function "${name}": the key is another one`,
      )
    }
  }

  #boxFor(key: string): SecretBox {
    if (this.#box !== undefined) return this.#box
    throw badDeployment(`secret "${key}" cannot be kept or read, since the host was given no key for secrets`)
  }

  async #retried<Value>(name: string, change: () => Promise<Value | undefined>): Promise<Value> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const value = await change()
      if (value !== undefined) return value
    }
    throw new RingfenceError('RF_CONFLICT', `Cannot change function "${name}": others change it all the time`)
  }
}

const noFunction = (message: string): RingfenceError => new RingfenceError('RF_NO_FUNCTION', message)

const firstRecord = (name: string, tenant: string, now: string): FunctionRecord => ({
  name,
  tenant,
  access: 'token',
  aliases: {},
  latest: 0,
  secrets: {},
  createdAt: now,
  changedAt: now,
  revision: 0,
})
