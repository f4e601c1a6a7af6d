import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { PHASES } from '../functions/answers.ts'
import type { FunctionHost } from '../functions/function-host.ts'
import type { FunctionHostStats } from '../functions/host-words.ts'
import type { Invocation } from '../functions/words.ts'

/** Functions that have series of their own. Whoever deploys chooses names, and would have the host grow with each. */
const NAMED_FUNCTIONS = 1000
const OTHERS = { function: 'other', tenant: 'other' } as const
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const MEMORY_BYTES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].map((mib) => mib * 2 ** 20)

/** What a function host does, counted and measured for Prometheus. Each host's are its own. */
export class Metrics implements Disposable {
  readonly #host: FunctionHost
  readonly #registry = new Registry()
  readonly #setGauges: (stats: FunctionHostStats) => void
  readonly #stop: () => void
  readonly #named = new Set<string>()
  readonly #invocations = new Counter({
    name: 'ringfence_invocations_total',
    help: 'Invocations that have ended, by how they ended; the tier is "none" where nothing ran.',
    labelNames: ['function', 'tenant', 'tier', 'status'],
    registers: [this.#registry],
  })
  readonly #cpu = new Counter({
    name: 'ringfence_invocation_cpu_seconds_total',
    help: 'CPU time of guests, where their tier measures it.',
    labelNames: ['function', 'tenant'],
    registers: [this.#registry],
  })
  readonly #phases = new Histogram({
    name: 'ringfence_invocation_phase_seconds',
    help: 'How long the phases of an invocation took.',
    labelNames: ['phase', 'tier'],
    buckets: SECONDS,
    registers: [this.#registry],
  })
  readonly #memory = new Histogram({
    name: 'ringfence_invocation_peak_memory_bytes',
    help: 'The most that an invocation held, where its tier measures it.',
    labelNames: ['tier'],
    buckets: MEMORY_BYTES,
    registers: [this.#registry],
  })

  constructor(host: FunctionHost) {
    this.#host = host
    this.#setGauges = gauges(this.#registry)
    this.#stop = host.onInvocation((invocation) => this.#count(invocation))
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** All of them, in Prometheus' text format. */
  read(): Promise<string> {
    this.#setGauges(this.#host.stats())
    return this.#registry.metrics()
  }

  [Symbol.dispose](): void {
    this.#stop()
  }

  #count(invocation: Invocation): void {
    const { status, durations, execution } = invocation
    const tier = execution?.tier ?? 'none'
    const names = this.#namesOf(invocation)
    this.#invocations.inc({ ...names, tier, status })
    for (const [phase, key] of Object.entries(PHASES)) this.#phases.observe({ phase, tier }, durations[key] / 1000)
    const { cpuMs, peakMemoryBytes } = execution?.usage ?? {}
    if (cpuMs !== undefined) this.#cpu.inc(names, cpuMs / 1000)
    if (peakMemoryBytes !== undefined) this.#memory.observe({ tier }, peakMemoryBytes)
  }

  #namesOf({ function: name, tenant }: Invocation): { readonly function: string; readonly tenant: string } {
    const key = `${tenant}/${name}`
    if (!this.#named.has(key) && this.#named.size >= NAMED_FUNCTIONS) return OTHERS
    this.#named.add(key)
    return { function: name, tenant }
  }
}

/** What stands at the moment it is asked for. Answers what sets it from one reading. */
function gauges(registry: Registry): (stats: FunctionHostStats) => void {
  const gauge = (name: string, help: string, label: string): ((rows: Iterable<readonly [string, number]>) => void) => {
    const made = new Gauge({ name, help, labelNames: [label], registers: [registry] })
    return (rows) => {
      made.reset()
      for (const [value, number] of rows) made.inc({ [label]: value }, number)
    }
  }
  const calls = gauge('ringfence_calls', 'Calls that were let through, and those that wait.', 'state')
  const warm = gauge('ringfence_warm_sandboxes', 'Sandboxes of functions that are kept.', 'state')
  const carried = gauge('ringfence_carriers', 'Threads and processes that guests run in.', 'tier')
  const resident = gauge('ringfence_carrier_resident_bytes', 'Memory of the processes that guests run in.', 'tier')
  const pressed = gauge('ringfence_pressure', 'The level of pressure on the host, which is 1.', 'level')
  const setProcess = processGauges(registry)
  return ({ inside, waiting, broker: { pools, tiers, pressure } }) => {
    calls(Object.entries({ inside, waiting }))
    warm(pools.flatMap(({ idle, busy, opening }) => Object.entries({ idle, busy, opening })))
    carried(tiers.map(({ tier, carriers }) => [tier, carriers.length]))
    resident(
      tiers.flatMap(({ tier, carriers }) =>
        carriers.map(({ residentBytes = 0 }): [string, number] => [tier, residentBytes]),
      ),
    )
    pressed([[pressure.level, 1]])
    setProcess()
  }
}

/** Of this process itself, under the names that Prometheus' own clients use. */
function processGauges(registry: Registry): () => void {
  const memory = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size in bytes.',
    registers: [registry],
  })
  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    registers: [registry],
  })
  return () => {
    memory.set(process.memoryUsage.rss())
    const { user, system } = process.cpuUsage()
    cpu.reset()
    cpu.inc((user + system) / 1e6)
  }
}
