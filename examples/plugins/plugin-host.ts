import { z } from 'zod'
import type { Broker, HostFunctionSpec, LoadedProgram, Outcome } from '../../src/index.ts'

/** What a plugin may ask for, and what the host calls it for. */
export const HOOKS = ['onStart', 'onOrder'] as const
export type Hook = (typeof HOOKS)[number]

const MANIFEST = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  trust: z.enum(['limited', 'untrusted', 'hostile']).default('untrusted'),
  /** What it wants of the host, by name. */
  capabilities: z.array(z.string()).default([]),
  hooks: z.array(z.enum(HOOKS)).min(1),
})

/** A plugin as its author hands it in: what it says of itself, and its program. */
export interface Plugin {
  readonly manifest: unknown
  readonly source: string
}

/** A plugin keeps its state: its sandbox is not recycled for having served long, or for holding more than at first. */
const POOL = {
  min: 1,
  max: 1,
  recycleCalls: Number.MAX_SAFE_INTEGER,
  recycleGrowthBytes: Number.MAX_SAFE_INTEGER,
}

/** What became of one plugin when a hook was called. */
export type Answer =
  | { readonly kind: 'answered'; readonly value: unknown }
  /** It threw, and stays on: that may be its way to say no. */
  | { readonly kind: 'failed'; readonly message: string }
  /** It was switched off, now or before, and is not called any more. */
  | { readonly kind: 'off'; readonly why: string }

/** What the host lends, by the name of the capability that grants it. It is told which plugin calls. */
export type Capabilities = Readonly<Record<string, (plugin: string) => HostFunctionSpec>>

interface Installed {
  readonly program: LoadedProgram
  readonly hooks: ReadonlySet<Hook>
  off?: string
}

/** Plugins in sandboxes of their own. What one of them does is no matter to the others. Owns what it installs. */
export class PluginHost implements AsyncDisposable {
  readonly #broker: Broker
  readonly #capabilities: Capabilities
  readonly #installed = new Map<string, Installed>()

  constructor(broker: Broker, capabilities: Capabilities) {
    this.#broker = broker
    this.#capabilities = capabilities
  }

  /** Checks the manifest and loads the program with what was granted, and nothing else. Answers the plugin's name. */
  async install({ manifest, source }: Plugin): Promise<string> {
    const { name, trust, capabilities, hooks } = MANIFEST.parse(manifest)
    if (this.#installed.has(name)) throw new RangeError(`Cannot install "${name}": there is one of that name`)
    const granted = capabilities.map((capability) => {
      const lend = Object.hasOwn(this.#capabilities, capability) ? this.#capabilities[capability] : undefined
      if (lend === undefined) throw new RangeError(`Cannot install "${name}": there is no capability "${capability}"`)
      return [capability, lend(name)] as const
    })
    const program = await this.#broker.load(source, {
      trust,
      tenant: name,
      filename: `${name}.ts`,
      kind: 'module',
      functions: Object.fromEntries(granted),
      pool: POOL,
    })
    this.#installed.set(name, { program, hooks: new Set(hooks) })
    return name
  }

  /** Has a new version of a plugin take over, with the state of the old one. Answers what is wrong with it, if it does not. */
  async update(name: string, source: string): Promise<string | undefined> {
    const installed = this.#installed.get(name)
    if (installed === undefined) throw new RangeError(`Cannot update "${name}": it is not installed`)
    const replacement = await installed.program.replace(source)
    if (replacement.kind === 'kept') return `${replacement.stage}: ${describe(replacement.outcome)}`
    delete installed.off
    return undefined
  }

  /** Calls a hook of every plugin that has it, all at once. */
  async emit(hook: Hook, input: unknown): Promise<ReadonlyMap<string, Answer>> {
    const listening = [...this.#installed].filter(([, { hooks }]) => hooks.has(hook))
    const answers = listening.map(
      async ([name, installed]) => [name, await this.#call(name, installed, hook, input)] as const,
    )
    return new Map(await Promise.all(answers))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#installed.values(), ({ program }) => program[Symbol.asyncDispose]()))
  }

  async #call(name: string, installed: Installed, hook: Hook, input: unknown): Promise<Answer> {
    if (installed.off !== undefined) return { kind: 'off', why: installed.off }
    const { outcome } = await installed.program.call(input, { export: hook })
    if (outcome.kind === 'returned') return { kind: 'answered', value: outcome.value }
    if (outcome.kind === 'threw') return { kind: 'failed', message: describe(outcome) }
    // Over a limit or crashed once is once too often: nobody waits for it again.
    installed.off ??= `${name} ${describe(outcome)}`
    return { kind: 'off', why: installed.off }
  }
}

function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'returned':
      return 'returned'
    case 'threw':
      return `${outcome.error.name}: ${outcome.error.message}`
    case 'exceeded':
      return `exceeded ${outcome.limit}`
    case 'crashed':
      return `crashed: ${outcome.detail}`
    case 'killed':
    case 'refused':
      return `${outcome.kind}: ${outcome.reason}`
  }
}
