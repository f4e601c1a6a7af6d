import type { KernelConfig } from './protocol.ts'

const SEED_BYTES = 32
/** A generator takes one when its realm first wants randomness, and another where the libraries had failed. */
const SEEDS = 32

/** Whether the guest may touch what needs randomness: cryptography, and the boundaries within forms that are sent. */
const wantsRandomness = ({ web }: KernelConfig): boolean =>
  web === 'all' || web?.some((name) => /crypto|Request|Response|fetch/i.test(name)) === true

/**
 * Gives a realm the keys of its generator of randomness. They are drawn where the realm is, so that they cross no wall, and
 * are the only thing that its cryptography has of a host.
 */
export const withSeeds = (config: KernelConfig): KernelConfig =>
  wantsRandomness(config) ? { ...config, seeds: drawSeeds() } : config

/**
 * Each is encoded by itself, so that it can be cut off. By the global object, which Node loads when it is first asked for:
 * `node:crypto` would be a tenth of a child's start, and few guests want it.
 */
const drawSeeds = (): string =>
  Array.from({ length: SEEDS }, () =>
    Buffer.from(crypto.getRandomValues(new Uint8Array(SEED_BYTES))).toString('base64'),
  ).join('')
