/** What ringfence runs on, by the numbers that tell which security fixes are in. */
export interface RuntimeVersions {
  readonly node: string
  readonly v8: string
  readonly isolatedVm: string
}

/**
 * The oldest release of each line that has every security fix known when this version of ringfence was built. A line that
 * is not here gets no fixes. Raised with every release of ringfence; SECURITY.md says how.
 */
export const SECURITY_RELEASES: {
  readonly knownOn: string
  readonly node: ReadonlyMap<number, string>
  readonly isolatedVm: string
} = {
  knownOn: '2026-11-22',
  node: new Map([
    [24, '24.21.0'],
    [26, '26.10.0'],
  ]),
  isolatedVm: '7.0.1',
}

/** Sentences about what is behind a security release; none when all is well. A line newer than those known says nothing. */
export function securityGaps({ node, isolatedVm }: RuntimeVersions): readonly string[] {
  const { knownOn, node: lines, isolatedVm: isolated } = SECURITY_RELEASES
  const major = Number.parseInt(node, 10)
  const wanted = lines.get(major)
  const gaps: string[] = []
  if (wanted === undefined && major < Math.max(...lines.keys())) {
    gaps.push(`Node ${node} is of a line that gets no security fixes; use Node ${[...lines.values()].join(' or ')}`)
  }
  if (wanted !== undefined && isOlder(node, wanted)) {
    gaps.push(`Node ${node} lacks security fixes known on ${knownOn}; use ${wanted} or newer`)
  }
  if (isOlder(isolatedVm, isolated)) {
    gaps.push(`isolated-vm ${isolatedVm} lacks security fixes known on ${knownOn}; use ${isolated} or newer`)
  }
  return gaps
}

/** Compares release numbers part by part; what follows a hyphen, as in a release candidate, is not looked at. */
function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('-', 1)[0]?.split('.').map(Number) ?? [])
  for (let part = 0; part < 3; part += 1) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
