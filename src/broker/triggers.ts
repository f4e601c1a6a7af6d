import type { EmergencySettings } from './emergency-options.ts'
import { KillFile } from './kill-file.ts'
import { onKillSignal } from './kill-signal.ts'
import type { KillSwitch } from './kill-switch.ts'

/** Lets an operator pull the kill switch from outside the process, until disposed of. */
export function armTriggers({ killFile, killSignal }: EmergencySettings, killSwitch: KillSwitch): Disposable {
  const triggers = new DisposableStack()
  if (killFile !== undefined) triggers.use(new KillFile(killFile, (text) => killSwitch.hold(text)))
  if (killSignal !== undefined) {
    const pull = (): void => killSwitch.blockUnattended({ all: true }, `Signal ${killSignal} was received`, 'signal')
    triggers.use(onKillSignal(killSignal, pull))
  }
  return triggers
}
