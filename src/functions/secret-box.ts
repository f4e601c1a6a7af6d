import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals and opens secrets with the key of the operator. */
export interface SecretBox {
  /** Seals a value for one place: it opens nowhere else. */
  seal(value: string, place: string): string
  /** Throws when the key is another one, or the text was changed or belongs to another place. */
  open(sealed: string, place: string): string
}

/**
 * AES-256-GCM with a random nonce, and the place as additional data. A key of any length is hashed to 256 bits: it should
 * hold as much chance itself.
 */
export function secretBox(key: string): SecretBox {
  const secret = createHash('sha256').update(key).digest()
  return {
    seal(value, place) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(place))
      const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64')
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed, 'base64')
      const nonce = bytes.subarray(0, NONCE_BYTES)
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(place)).setAuthTag(tag)
      const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
      return Buffer.concat([text, decipher.final()]).toString('utf8')
    },
  }
}
