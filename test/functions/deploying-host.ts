/** Deploys one version after the other into a folder, and says each number once it is acknowledged. Killed in the end. */
import { createFunctionHost } from '../../src/function-host.ts'

const [, , data = ''] = process.argv
await using host = await createFunctionHost({ data })
for (let n = 1; ; n += 1) {
  const { version } = await host.deploy({ name: 'f', source: `export default () => ${n}` })
  process.stdout.write(`${version}\n`)
}
