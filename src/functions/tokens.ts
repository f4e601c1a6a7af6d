import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { ControlPlane } from './control-plane.ts'
import { NAME_PATTERN } from './deployment.ts'
import type { Principal, ShownToken, TokenGrant, TokenRecord } from './roles.ts'

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()
const shown = ({ hash: _hash, ...token }: TokenRecord): ShownToken => token

/** The tokens that a host has given away. */
export class Tokens {
  readonly #plane: ControlPlane

  constructor(plane: ControlPlane) {
    this.#plane = plane
  }

  /** Makes a token, which is told here and never again. Throws `RangeError` when the tenant's name is none. */
  async create({ role, tenant, note }: TokenGrant): Promise<ShownToken & { readonly token: string }> {
    if (tenant !== undefined && !NAME_PATTERN.test(tenant)) {
      throw new RangeError(`Cannot create token: the tenant "${tenant}" must be letters, digits and inner hyphens`)
    }
    const id = randomBytes(8).toString('hex')
    const secret = randomBytes(32).toString('base64url')
    const record: TokenRecord = {
      id,
      role,
      ...(tenant !== undefined && { tenant }),
      ...(note !== undefined && { note }),
      hash: hashOf(secret).toString('hex'),
      createdAt: new Date().toISOString(),
    }
    await this.#plane.putToken(record)
    return { ...shown(record), token: `rf_${id}_${secret}` }
  }

  async list(): Promise<readonly ShownToken[]> {
    return (await this.#plane.tokens()).map(shown)
  }

  /** Has a token open nothing any more. Answers whether there was one. */
  remove(id: string): Promise<boolean> {
    return this.#plane.removeToken(id)
  }

  /** Who brings a token; undefined for one that is not ours. How long it takes tells nothing of the secret. */
  async principalOf(token: string): Promise<Principal | undefined> {
    const [, id, secret] = /^rf_([0-9a-f]{16})_([\w-]{43})$/.exec(token) ?? []
    const record = id === undefined ? undefined : await this.#plane.readToken(id)
    if (record === undefined || secret === undefined) return undefined
    if (!timingSafeEqual(hashOf(secret), Buffer.from(record.hash, 'hex'))) return undefined
    return { role: record.role, ...(record.tenant !== undefined && { tenant: record.tenant }) }
  }
}
