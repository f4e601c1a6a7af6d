import { prepareData } from '../program/prepare.ts'
import type { CheckedOptions } from '../program/prepare-options.ts'
import { endSelf } from './end-self.ts'
import { openFarPort } from './far-port.ts'
import type { PrepareOrder, PrepareReply } from './prepare-protocol.ts'

const REHEARSAL: CheckedOptions = { filename: 'program.ts', modules: [], hostModules: [], kind: undefined }

const port = await openFarPort<PrepareReply>(() => {
  // The compiler loads parts of itself when they are first needed, which must be before the right to read is given up.
  prepareData('import x from "y"; export default (a: number) => a', REHEARSAL)
  prepareData('module.exports = import("x")', REHEARSAL)
})
port.listen((head, text) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- orders come from the broker, in its own words
  const { job, options } = head as PrepareOrder
  port.post({ job }, JSON.stringify(prepareData(text, options)))
}, endSelf)
port.post({ job: 0 })
