import { z } from 'zod'
import { createBroker } from '../../src/index.ts'
import { type Capabilities, PluginHost } from './plugin-host.ts'
import { PLUGINS, REBATE } from './plugins.ts'

/** Sends orders through plugins, two of which misbehave, and shows what each answered. */
const print = (line: string): void => void process.stdout.write(`${line}\n`)

const rates = new Map([['DE', 0.19]])
const capabilities: Capabilities = {
  log: (plugin) => ({ call: (line: string) => print(`  [${plugin}] ${line}`), args: z.tuple([z.string().max(200)]) }),
  rate: () => ({ call: async (country: string) => rates.get(country) ?? 0.2, args: z.tuple([z.string().length(2)]) }),
}

// Each plugin is a tenant, with processes of its own: one that takes its process with it takes no other plugin.
await using broker = await createBroker({ sharing: 'tenant' })
await using host = new PluginHost(broker, capabilities)
for (const plugin of PLUGINS) await host.install(plugin)
await host.emit('onStart', undefined)

/** Sends one order, and shows who answered what. */
async function order(number: number): Promise<void> {
  print(`order ${number}`)
  const answers = await host.emit('onOrder', { customer: 'ada', country: 'DE', total: 50 * number })
  for (const [name, answer] of answers) {
    const { kind, ...rest } = answer
    print(`  ${name}: ${kind} ${JSON.stringify(Object.values(rest)[0])}`)
  }
}

for (let number = 1; number <= 8; number += 1) {
  await order(number)
  if (number !== 4) continue
  print(`update of rebate: ${(await host.update('rebate', 'export const onOrder = (')) ?? 'done'}`)
  print(`update of rebate: ${(await host.update('rebate', REBATE.replace('0.1', '0.2'))) ?? 'done'}`)
}
