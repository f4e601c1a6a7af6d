/** A host that blocks and unblocks for ever, and tells of each change once the broker says that it is made. */
import { createBroker } from '../../src/index.ts'

const [, , file = ''] = process.argv
const broker = await createBroker({ state: { file } })
for (let nth = 0; ; nth += 1) {
  const scope = { tenant: `tenant ${nth}` }
  await broker.block(scope, 'incident 7')
  process.stdout.write(`+${nth}\n`)
  if (nth % 2 === 0) continue
  await broker.unblock(scope)
  process.stdout.write(`-${nth}\n`)
}
