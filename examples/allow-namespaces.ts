import process from 'node:process'
import { text } from 'node:stream/consumers'

/**
 * What bubblewrap calls to give a guest namespaces of its own, and default profiles refuse. The guest itself can call none
 * of it: it runs under a filter of ringfence's that ends it for trying.
 */
const CALLS: readonly string[] = ['clone', 'unshare', 'mount', 'umount2', 'pivot_root', 'sethostname']

interface Rule {
  readonly names: readonly string[]
  readonly action: string
}

interface Profile {
  readonly syscalls: readonly Rule[]
}

/**
 * The engine's own profile with these calls allowed, whatever it says of them now. Of several rules for one call engines
 * take another one each, so that the calls are taken out of every other rule.
 */
function allowNamespaces(profile: Profile): Profile {
  const others = profile.syscalls
    .map((rule) => ({ ...rule, names: rule.names.filter((name) => !CALLS.includes(name)) }))
    .filter(({ names }) => names.length > 0)
  return { ...profile, syscalls: [...others, { names: CALLS, action: 'SCMP_ACT_ALLOW' }] }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the engine reads the whole of it, and says what is wrong
const given = JSON.parse(await text(process.stdin)) as Profile
process.stdout.write(`${JSON.stringify(allowNamespaces(given), null, 2)}\n`)
