import type { JailChoice } from '../../jail/find-jail.ts'
import { entryUrl } from '../entry-url.ts'
import { type IsolateHost, startHost } from '../isolate-host.ts'
import { PERMISSION_FLAGS } from '../permission.ts'
import type { Relay } from '../relay.ts'
import { SERVING_PACKAGES, wallOf } from '../wall.ts'

const SPARE_ISOLATES = 2

/**
 * Starts a child for many guests, in the jail that was chosen. It has no limit of data, since every isolate counts half a
 * gigabyte of addresses against one; its memory is watched from outside.
 */
export const startIsolateHost = async (
  choice: JailChoice,
  onEnd: (host: Relay, cause: string) => void,
): Promise<IsolateHost> => {
  const { prefix, jail } = await wallOf(choice, SERVING_PACKAGES)
  const plan = {
    prefix,
    ...(jail === undefined ? {} : { jailed: { jail, bounds: {} } }),
    nodeFlags: PERMISSION_FLAGS,
    entry: entryUrl('isolate/entry'),
    args: [String(SPARE_ISOLATES)],
  }
  return startHost(plan, false, onEnd)
}
