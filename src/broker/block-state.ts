import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { RingfenceError } from '../core/errors.ts'
import { TRUST_LEVELS } from '../core/trust.ts'
import type { Block } from './kill-switch.ts'
import { messageOf } from './receipt.ts'
import { TIER_IDS } from './scope.ts'

const VERSION = 1
/** Many times what the most blocks there can be need; a larger file is no state, and reading it could end the host. */
const MAX_BYTES = 64 * 2 ** 20
const OWNER_ONLY = 0o600

const text = z.string().min(1)
const scopeSchema = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ tier: z.enum(TIER_IDS) }),
  z.strictObject({ trust: z.enum(TRUST_LEVELS) }),
  z.strictObject({ tenant: text }),
  z.strictObject({ program: text }),
])
const stateSchema = z.strictObject({
  version: z.literal(VERSION),
  blocks: z.array(
    z.strictObject({ scope: scopeSchema, reason: text, by: z.enum(['operator', 'signal', 'quarantine']) }),
  ),
})

/**
 * The blocks on disk, as JSON in one file of one broker. The file is replaced as a whole, so whenever the process or the
 * machine dies, the old blocks or the new ones are there.
 */
export class BlockState {
  /** Those that were there when it was opened. */
  readonly blocks: readonly Block[]
  readonly #file: string
  #last: Promise<void> = Promise.resolve()
  #queued: Promise<void> | undefined

  /** Reads the file; that there is none means that nothing is blocked yet. Throws `RF_BAD_STATE`. */
  constructor(file: string) {
    this.#file = file
    this.blocks = readBlocks(file)
  }

  /** Writes what `blocks` answers when its turn comes. Resolves when it is durable; rejects with `RF_STATE_NOT_SAVED`. */
  save(blocks: () => readonly Block[]): Promise<void> {
    if (this.#queued !== undefined) return this.#queued
    const write = this.#last.then(() => {
      this.#queued = undefined
      return replace(this.#file, blocks())
    })
    this.#queued = write
    this.#last = write.catch(() => {})
    return write
  }

  /** Resolves when nothing is left to be written. Never rejects. */
  async settled(): Promise<void> {
    await this.#last
  }
}

/** A state that cannot be read is no empty one: a restart would let everything run that was blocked. */
function readBlocks(file: string): readonly Block[] {
  try {
    accessSync(dirname(file), constants.W_OK)
    const stat = statSync(file, { throwIfNoEntry: false })
    if (stat === undefined) return []
    if (!stat.isFile()) throw new Error('it is not a file')
    if (stat.size > MAX_BYTES) throw new Error(`it has ${stat.size} bytes, and ${MAX_BYTES} are the most it may have`)
    return parseBlocks(readFileSync(file, 'utf8'))
  } catch (cause) {
    const mend = 'restore the file from a copy, or remove it to start with nothing blocked; its folder must be writable'
    throw new RingfenceError(
      'RF_BAD_STATE',
      `Cannot create broker: its state in "${file}" cannot be used: ${messageOf(cause)}; ${mend}`,
      { cause },
    )
  }
}

function parseBlocks(json: string): readonly Block[] {
  const parsed = stateSchema.safeParse(JSON.parse(json))
  if (parsed.success) return parsed.data.blocks
  const [issue] = parsed.error.issues
  throw new Error(`${issue?.path.map(String).join('.') || 'the state'}: ${issue?.message}`)
}

async function replace(file: string, blocks: readonly Block[]): Promise<void> {
  const next = `${file}.next`
  try {
    await writeDurably(next, `${JSON.stringify({ version: VERSION, blocks }, undefined, 2)}\n`)
    await rename(next, file)
    await using folder = await open(dirname(file), 'r')
    await folder.sync()
  } catch (cause) {
    throw new RingfenceError(
      'RF_STATE_NOT_SAVED',
      `Cannot save the state in "${file}": ${messageOf(cause)}; what is blocked now stays so until the broker ends`,
      { cause },
    )
  }
}

async function writeDurably(file: string, content: string): Promise<void> {
  await using handle: FileHandle = await open(file, 'w', OWNER_ONLY)
  await handle.writeFile(content)
  await handle.sync()
}
