/** Five bodies under gravity: arithmetic, and `Math.sqrt` by its global name. */
interface Body {
  x: number
  y: number
  z: number
  vx: number
  vy: number
  vz: number
  readonly mass: number
}

function pull(a: Body, b: Body, dt: number): void {
  const dx = a.x - b.x
  const dy = a.y - b.y
  const dz = a.z - b.z
  const distance = Math.sqrt(dx * dx + dy * dy + dz * dz)
  const pulled = dt / (distance * distance * distance)
  a.vx -= dx * b.mass * pulled
  a.vy -= dy * b.mass * pulled
  a.vz -= dz * b.mass * pulled
  b.vx += dx * a.mass * pulled
  b.vy += dy * a.mass * pulled
  b.vz += dz * a.mass * pulled
}

/** Lets the bodies move for that many steps. */
export function run(steps: number): number {
  const bodies = Array.from({ length: 5 }, (_none, n): Body => {
    return { x: n * 4, y: n * 1.5, z: n * 0.2, vx: 0, vy: n * 0.4, vz: 0.01 * n, mass: 40 / (n * n * 20 + 1) }
  })
  const pairs = bodies.flatMap((a, at) => bodies.slice(at + 1).map((b) => ({ a, b })))
  for (let step = 0; step < steps; step += 1) {
    for (const { a, b } of pairs) pull(a, b, 0.01)
    for (const body of bodies) {
      body.x += 0.01 * body.vx
      body.y += 0.01 * body.vy
      body.z += 0.01 * body.vz
    }
  }
  return bodies[0]?.x ?? 0
}
