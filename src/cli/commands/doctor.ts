import { isIsolatedAtLeast } from '../../core/isolation.ts'
import { TRUST_LEVELS } from '../../core/trust.ts'
import type { IsolationLevel, TierId, TrustLevel } from '../../core/types.ts'
import { createBroker, inspectRuntime } from '../../index.ts'
import type { DoctorOptions } from '../command-options.ts'
import { REFUSED } from '../exit-codes.ts'
import { loadPolicy } from '../load-program.ts'
import { type Examined, renderExamination, type TrustCheck } from '../render-examination.ts'
import type { Terminal } from '../terminal.ts'

/**
 * Prints what walls this machine gives, seen from inside them, and a fix for each that is missing. Answers 0 when code of
 * every trust level can run here under the policy, and the exit code of a refusal when some cannot.
 */
export async function examine({ policy, json }: DoctorOptions, terminal: Terminal): Promise<number> {
  await using broker = await createBroker(await loadPolicy(policy, terminal))
  const tiers = await broker.isolation()
  const levels = new Map(tiers.map(({ tier, level }) => [tier, level]))
  const trust = TRUST_LEVELS.map((level) => checkOf(level, broker.explain('', { trust: level }), levels))
  const examined: Examined = {
    platform: `${process.platform} ${process.arch}`,
    runtime: inspectRuntime(),
    tiers,
    trust,
  }
  terminal.stdout.write(json === true ? `${JSON.stringify(examined)}\n` : renderExamination(examined))
  return trust.every(({ runs }) => runs) ? 0 : REFUSED
}

function checkOf(
  trust: TrustLevel,
  decision: ReturnType<Awaited<ReturnType<typeof createBroker>>['explain']>,
  observed: ReadonlyMap<TierId, IsolationLevel>,
): TrustCheck {
  if (decision.verdict === 'refuse') return { trust, runs: false }
  const { tier, isolation: demanded } = decision
  return { trust, tier, demanded, runs: isIsolatedAtLeast(observed.get(tier) ?? 'none', demanded) }
}
