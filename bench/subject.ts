import { existsSync } from 'node:fs'
import process from 'node:process'
import type * as sources from '../src/index.ts'

/** What is measured: the sources as they are, or the package as `npm run build` makes it. */
export type Subject = 'sources' | 'built'

/** In the environment, because some figures are taken in processes of their own. */
const VARIABLE = 'RINGFENCE_BENCH_SUBJECT'
const BUILT = new URL('../dist/index.js', import.meta.url)

/** Chooses what this process and those it starts will measure. Throws when the package is not built. */
export function chooseSubject(subject: Subject): void {
  if (subject === 'built' && !existsSync(BUILT)) {
    throw new Error('Cannot measure the built package: there is none yet, "npm run build" makes it')
  }
  process.env[VARIABLE] = subject
}

/** Makes a broker of what is measured. */
export async function createBroker(options?: sources.BrokerOptions): Promise<sources.Broker> {
  const subject = await load()
  return subject.createBroker(options)
}

async function load(): Promise<typeof sources> {
  if (process.env[VARIABLE] !== 'built') return import('../src/index.ts')
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- the build is made of these very sources
  const built: typeof sources = await import(BUILT.href)
  return built
}
