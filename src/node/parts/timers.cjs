const setImmediate = (callback, ...args) => setTimeout(callback, 0, ...args)

/** A promise that a timer resolves, or that is rejected when its signal is aborted. */
const waiting = (ms, value, { signal } = {}) =>
  new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(abortError(signal))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve(value)
    }, ms)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })

const abortError = ({ reason }) =>
  Object.assign(new Error('The operation was aborted', { cause: reason }), { name: 'AbortError', code: 'ABORT_ERR' })

const promises = {
  setTimeout: waiting,
  setImmediate: (value, options) => waiting(0, value, options),
  async *setInterval(ms, value, options) {
    for (;;) {
      yield await waiting(ms, value, options)
    }
  },
}

module.exports = {
  clearImmediate: clearTimeout,
  clearInterval,
  clearTimeout,
  promises,
  setImmediate,
  setInterval,
  setTimeout,
}
