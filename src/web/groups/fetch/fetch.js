// `fetch`, where it was granted: a request becomes data, the host answers with data, and that becomes a response. What of
// its body has not come by then is asked for when it is read.

import { send } from 'ringfence:host'
import { Headers } from 'ringfence:web'
import { needArguments } from '../crypto/arguments.js'
import { AnswerBody, abandon } from './answer-body.js'
import { openRequest, Request } from './request.js'
import { answered, NULL_BODY } from './response.js'

/** No host takes more, and no kernel would hand over much more. */
const MAX_BODY = 2 ** 21

let lastId = 0

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
  if (isEmpty) return answered(state, null)
  return answered(state, answer.more ? new AnswerBody(id, answer.body, request.signal) : answer.body)
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
