import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { denied } from './aws-error.ts'

/** A pair of AWS keys, as clients sign with. */
export interface AwsKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A request as it was signed. */
export interface SignedRequest {
  readonly method: string
  /** Path and query, as they were sent. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Uint8Array
}

/** How far a client's clock may be off. */
const SKEW_MS = 15 * 60_000
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request,\s*SignedHeaders=([\w;-]+),\s*Signature=([0-9a-f]{64})$/

interface Claim {
  readonly accessKeyId: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly at: Date
}

/** The hash and the keyed hash that the signature is made of. */
class Sha256 {
  readonly #hash

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(chunk))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    throw new Error('Cannot reset a hash: it is made for one text')
  }
}

function bytesOf(value: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value)
  return value instanceof ArrayBuffer
    ? new Uint8Array(value)
    : new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}

/** What can be judged before a body is read: that there is a signature of a key that is known. Throws an `AwsError` else. */
export function readClaim(headers: SignedRequest['headers'], key: AwsKey): Claim {
  const text = textOf(headers['authorization'])
  if (text === undefined) throw denied('MissingAuthenticationTokenException', 'Missing Authentication Token')
  const [, accessKeyId = '', date = '', region = '', service = '', signed = ''] = AUTHORIZATION.exec(text) ?? []
  if (accessKeyId === '') {
    throw denied('IncompleteSignatureException', 'The authorization header is no signature of version 4')
  }
  if (!isSame(accessKeyId, key.accessKeyId)) {
    throw denied('UnrecognizedClientException', 'The security token included in the request is invalid.')
  }
  const at = timeOf(textOf(headers['x-amz-date']))
  const signedHeaders = signed.split(';')
  const names = ['host', 'x-amz-date']
  if (at === undefined || !names.every((name) => signedHeaders.includes(name)) || date !== compact(at).slice(0, 8)) {
    throw denied('IncompleteSignatureException', 'The signature must cover the headers "host" and "x-amz-date"')
  }
  if (Math.abs(Date.now() - at.getTime()) > SKEW_MS) {
    throw denied(
      'InvalidSignatureException',
      `Signature expired: ${compact(at)} is too far from ${compact(new Date())}`,
    )
  }
  return { accessKeyId, region, service, signedHeaders, at }
}

/** Whether a request, all of it, was signed with this key. Throws an `AwsError` else. */
export async function checkSignature(request: SignedRequest, key: AwsKey): Promise<void> {
  const { region, service, signedHeaders, at } = readClaim(request.headers, key)
  const mismatch = (): Error =>
    denied(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided.',
    )
  const hash = createHash('sha256').update(request.body).digest('hex')
  // ATTACK: the hash that was signed is that of another body.
  const claimed = textOf(request.headers['x-amz-content-sha256'])
  if (claimed !== undefined && claimed !== hash) throw mismatch()
  const { pathname, searchParams } = new URL(request.url, 'http://localhost')
  // ATTACK: a path that is normalized to the one that was signed, and led elsewhere as it was sent.
  if (service !== 'lambda' || pathname !== request.url.replace(/\?.*$/s, '')) throw mismatch()
  const headers = Object.fromEntries(signedHeaders.map((name) => [name, textOf(request.headers[name]) ?? '']))
  const query: Record<string, string[]> = {}
  for (const [name, value] of searchParams) (query[name] ??= []).push(value)
  const signer = new SignatureV4({ credentials: key, region, service, sha256: Sha256, applyChecksum: false })
  const { headers: made } = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: 'localhost',
      path: pathname,
      query,
      headers,
      body: request.body,
    },
    { signingDate: at, signableHeaders: new Set(signedHeaders) },
  )
  const signatureIn = (text: string | undefined): string => /Signature=([0-9a-f]{64})$/.exec(text ?? '')?.[1] ?? ''
  if (!isSame(signatureIn(made['authorization']), signatureIn(textOf(request.headers['authorization'])))) {
    throw mismatch()
  }
}

const textOf = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.join(',')

/** Compares by their hashes, in a time that tells nothing of where they differ. */
const isSame = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}

/** As in `20261124T145330Z`. */
const compact = (at: Date): string => at.toISOString().replaceAll(/[-:]|\.\d+/g, '')

function timeOf(text = ''): Date | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? []
  if (year === undefined) return undefined
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(at.getTime()) ? undefined : at
}
