import { entryUrl } from '../entry-url.ts'
import { type IsolateHost, startHost } from '../isolate-host.ts'
import { PERMISSION_FLAGS } from '../permission.ts'
import type { Relay } from '../relay.ts'
import { behind, type Wall } from '../wall.ts'

const SPARE_ISOLATES = 2

/**
 * Starts a child for many guests behind a wall. It has no limit of data, since every isolate counts half a gigabyte of
 * addresses against one; its memory is watched from outside, and limited where it has a control group.
 */
export const startIsolateHost = async (
  found: Promise<Wall>,
  memoryBytes: number,
  onEnd: (host: Relay, cause: string) => void,
): Promise<IsolateHost> => {
  const plan = {
    ...behind(await found, {}),
    nodeFlags: PERMISSION_FLAGS,
    entry: entryUrl('isolate/entry'),
    args: [String(SPARE_ISOLATES)],
  }
  const host = await startHost(plan, false, onEnd)
  host.group?.limit(memoryBytes)
  return host
}
