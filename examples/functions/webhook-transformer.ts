/**
 * Takes the webhook of a code forge and answers with a message for a chat. A delivery that is not signed with the secret is
 * turned away.
 *
 *     ringfence deploy examples/functions/webhook-transformer.ts --secret WEBHOOK_SECRET=… --access public
 */
interface Push {
  readonly ref: string
  readonly repository: { readonly full_name: string }
  readonly pusher: { readonly name: string }
  readonly commits: readonly { readonly id: string; readonly message: string; readonly url: string }[]
}

interface Environment {
  readonly WEBHOOK_SECRET: string
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** Checks `sha256=…`, the HMAC of the body, in a time that tells nothing of where it differs. */
async function isSigned(body: Uint8Array<ArrayBuffer>, signature: string, secret: string): Promise<boolean> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bytes(secret), algorithm, false, ['verify'])
  const pairs = /^sha256=([0-9a-f]{64})$/.exec(signature)?.[1]?.match(/../g) ?? []
  return crypto.subtle.verify(
    'HMAC',
    key,
    Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16)),
    body,
  )
}

function messageOf({ ref, repository, pusher, commits }: Push): object {
  const branch = ref.replace('refs/heads/', '')
  const lines = commits.map(({ id, message, url }) => `• <${url}|${id.slice(0, 7)}> ${message.split('\n')[0] ?? ''}`)
  return { text: [`${pusher.name} pushed ${commits.length} to ${repository.full_name}@${branch}`, ...lines].join('\n') }
}

const transformer: object = {
  async fetch(request: Request, env: Environment): Promise<Response> {
    if (request.method !== 'POST') return new Response('POST a delivery', { status: 405, headers: { allow: 'POST' } })
    const body = await request.bytes()
    const signature = request.headers.get('x-hub-signature-256') ?? ''
    if (!(await isSigned(body, signature, env.WEBHOOK_SECRET))) return new Response('Not signed', { status: 401 })
    if (request.headers.get('x-github-event') !== 'push') return new Response(null, { status: 204 })
    const push: Push = JSON.parse(new TextDecoder().decode(body))
    return Response.json(messageOf(push))
  },
}

export default transformer
