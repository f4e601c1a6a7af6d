import type { TrustLevel } from '../core/types.ts'
import type { Prepared } from './prepare.ts'
import type { CheckedOptions } from './prepare-options.ts'

const MAX_PROGRAMS = 256
/** In characters of source and script together. */
const MAX_TEXT = 64 * 1024 * 1024

/** Whose a prepared program is. */
export interface Owner {
  readonly trust: TrustLevel
  readonly tenant: string
}

/** Nobody else learns from it whether a text was prepared before. */
export const ownerKey = ({ trust, tenant }: Owner): string => JSON.stringify([trust, tenant])

interface Entry {
  readonly prepared: Prepared
  readonly size: number
}

/** What is remembered for one owner, by everything that decides the result, least recently used first. */
interface Share {
  readonly entries: Map<string, Entry>
  held: number
}

/**
 * By owner, since what is remembered for one shows: preparing takes longer than remembering.
 *
 * ATTACK: a tenant sends a text it guesses another one runs, and sees by the time to the first line whether it was prepared
 * before; or it sends a thousand texts, and sees later which of its own are still remembered, by how busy the others are.
 */
const shares = new Map<string, Share>()
let programs = 0
let held = 0

const keyOf = (source: string, { filename, kind, modules, hostModules, node }: CheckedOptions): string =>
  `${JSON.stringify([filename, kind, modules, hostModules, node])}\n${source}`

/** Answers what was made of the same text and options before for the same owner, if it is still remembered. */
export const recall = (source: string, options: CheckedOptions, owner: string): Prepared | undefined => {
  const entries = shares.get(owner)?.entries
  const key = keyOf(source, options)
  const known = entries?.get(key)
  if (entries === undefined || known === undefined) return undefined
  entries.delete(key)
  entries.set(key, known)
  return known.prepared
}

/** Remembers what was made of a text, until newer ones need the room: who holds most gives way first. */
export const remember = (source: string, options: CheckedOptions, owner: string, prepared: Prepared): void => {
  const key = keyOf(source, options)
  forget(owner, key)
  const size = key.length + (prepared.kind === 'ready' ? prepared.program.script.length : 0)
  const share = shares.get(owner) ?? { entries: new Map<string, Entry>(), held: 0 }
  shares.set(owner, share)
  share.entries.set(key, { prepared, size })
  share.held += size
  programs += 1
  held += size
  while (isFull()) giveWay()
}

/** Forgets what was made of a text, unless something newer is remembered of it. */
export const forgetIfStill = (source: string, options: CheckedOptions, owner: string, prepared: Prepared): void => {
  const key = keyOf(source, options)
  if (shares.get(owner)?.entries.get(key)?.prepared === prepared) forget(owner, key)
}

const isFull = (): boolean => programs > MAX_PROGRAMS || held > MAX_TEXT

/** Forgets what the owner with the most has not used for longest. */
const giveWay = (): void => {
  const weigh = ({ entries, held: size }: Share): number => (programs > MAX_PROGRAMS ? entries.size : size)
  let heaviest: [owner: string, share: Share] | undefined
  for (const one of shares) if (heaviest === undefined || weigh(one[1]) > weigh(heaviest[1])) heaviest = one
  const [oldest] = heaviest?.[1].entries.keys() ?? []
  if (heaviest !== undefined && oldest !== undefined) forget(heaviest[0], oldest)
}

const forget = (owner: string, key: string): void => {
  const share = shares.get(owner)
  const entry = share?.entries.get(key)
  if (share === undefined || entry === undefined) return
  share.entries.delete(key)
  share.held -= entry.size
  held -= entry.size
  programs -= 1
  if (share.entries.size === 0) shares.delete(owner)
}
