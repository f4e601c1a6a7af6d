// What the libraries take for the process: nothing of the host's.

import { queueMicrotask } from 'ringfence:host'

export const process = {
  env: {},
  noDeprecation: true,
  cwd: () => '/',
  nextTick: (callback, ...args) => queueMicrotask(() => callback(...args)),
}
