// A thread used by hand: answers every message with itself, until its port closes.
import { parentPort } from 'node:worker_threads'
import { misbehave } from './misbehave.js'

parentPort?.on('message', (/** @type {string} */ text) => {
  misbehave(text)
  parentPort?.postMessage(text)
})
