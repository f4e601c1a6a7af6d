import { afterAll, beforeAll } from 'vitest'
import type { BrokerOptions, OpenOptions, Outcome, Session } from '../../src/index.ts'
import { openScene, type Scene, type Variant } from '../contract/scene.ts'

/** A scene that opens sessions in its tier. */
export interface SessionScene extends Scene {
  open(source?: string, options?: OpenOptions): Promise<Session>
}

/** Opens a scene for sessions. */
export async function openSessions(variant: Variant, options?: BrokerOptions): Promise<SessionScene> {
  const scene = await openScene(variant, options)
  const { broker, tier } = scene
  return { ...scene, open: (source, more) => broker.open(source, { trust: 'trusted', tier, ...more }) }
}

/** One scene for all tests of a block. */
export function shareSessions(variant: Variant): () => SessionScene {
  let scene: SessionScene | undefined
  beforeAll(async () => {
    scene = await openSessions(variant)
  })
  afterAll(() => scene?.[Symbol.asyncDispose]())
  return () => {
    if (scene === undefined) throw new Error('The scene is not open')
    return scene
  }
}

/** What a call returned, or its error in a line, or its outcome. */
export function brief(outcome: Outcome): unknown {
  if (outcome.kind === 'returned') return outcome.value
  return outcome.kind === 'threw' ? `${outcome.error.name}: ${outcome.error.message}` : outcome
}
