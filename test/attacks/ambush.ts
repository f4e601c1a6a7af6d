import type { TrustLevel } from '../../src/index.ts'
import type { Scene } from '../contract/scene.ts'

/** An attack that takes more than one run, or a look from the host's side. */
export interface Ambush {
  readonly title: string
  readonly source: string
  readonly why: string
  readonly check: (scene: Scene, trust: TrustLevel) => Promise<void>
}

/** Ambushes of one kind. */
export interface AmbushFamily {
  readonly name: string
  readonly ambushes: readonly Ambush[]
}
