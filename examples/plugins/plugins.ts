import type { Plugin } from './plugin-host.ts'

/** Gives a rebate to regulars, whom it knows by what it has seen. Its state goes from version to version. */
export const REBATE = `import { log } from 'host'
let seen = {}
export const accept = (state) => { seen = state }
export const dispose = () => seen
export const onStart = () => log('ready')
export const onOrder = ({ customer, total }) => {
  seen[customer] = (seen[customer] ?? 0) + 1
  return { rebate: seen[customer] > 2 ? total * 0.1 : 0 }
}`

/** Some that do what they should, one that throws, one that hangs, one that takes ever more memory. */
export const PLUGINS: readonly Plugin[] = [
  { manifest: { name: 'rebate', capabilities: ['log'], hooks: ['onStart', 'onOrder'] }, source: REBATE },
  {
    manifest: { name: 'tax', trust: 'limited', capabilities: ['rate'], hooks: ['onOrder'] },
    source: `import { rate } from 'host'
export const onOrder = async ({ country, total }: { country: string; total: number }) => ({ tax: total * (await rate(country)) })`,
  },
  {
    manifest: { name: 'picky', hooks: ['onOrder'] },
    source: `export const onOrder = ({ total }) => { if (total > 100) throw new RangeError('too dear'); return {} }`,
  },
  { manifest: { name: 'hangs', hooks: ['onOrder'] }, source: 'export const onOrder = () => { for (;;); }' },
  {
    manifest: { name: 'leaks', hooks: ['onOrder'] },
    source: `const kept = []
export const onOrder = () => { for (let n = 0; n < 20; n += 1) kept.push(new Array(100_000).fill(n)); return {} }`,
  },
]
