// `fetch`, where it was granted: a request becomes data, the host answers with data, and that becomes a response.

import { send } from 'ringfence:host'
import { Headers } from 'ringfence:web'
import { needArguments } from '../crypto/arguments.js'
import { openRequest, Request } from './request.js'
import { answered, NULL_BODY } from './response.js'

/** No host takes more, and no kernel would hand over much more. */
const MAX_BODY = 2 ** 21

let lastId = 0

/** Tells the host that nobody waits for an answer any more. What it says to that is nobody's either. */
const abandon = async (id) => {
  try {
    await send({ abandon: id })
  } catch {
    // The call is over, or has called as often as it may: then the host ends the request by itself.
  }
}

/** Settles with what comes first: the work, or the reason why nobody waits for it any more. */
const unlessAborted = (signal, id, work) =>
  new Promise((resolve, reject) => {
    const onAbort = () => {
      void abandon(id)
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- who aborts says why, with whatever they like
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const leave = (settle) => (value) => {
      signal.removeEventListener('abort', onAbort)
      settle(value)
    }
    work.then(leave(resolve), leave(reject))
  })

const ask = async (request, id) => {
  const { url, method, headers, redirect } = request
  const { body } = openRequest(request)
  const bytes = body === null ? null : await body.take()
  if (bytes !== null && bytes.length > MAX_BODY) throw new TypeError('fetch failed: the body is too long')
  const answer = await send({ url, method, headers: [...headers], body: bytes, redirect, id })
  const { status, statusText, redirected } = answer
  const isEmpty = method === 'HEAD' || NULL_BODY.includes(status)
  const state = { status, statusText, redirected, url: answer.url.split('#')[0], headers: new Headers(answer.headers) }
  return answered(state, isEmpty ? null : answer.body)
}

export const { fetch } = {
  async fetch(input) {
    needArguments('fetch', arguments.length, 1)
    const request = new Request(input, arguments[1])
    const { signal } = request
    signal.throwIfAborted()
    lastId += 1
    return unlessAborted(signal, lastId, ask(request, lastId))
  },
}
