// A numbers job of our own: the sun and four planets over some decades, in double precision. Trusted, heavy on the CPU.
interface Body {
  x: number
  y: number
  z: number
  vx: number
  vy: number
  vz: number
  mass: number
}

const SUN_MASS = 4 * Math.PI ** 2
const YEAR = 365.24

const body = (x: number, y: number, z: number, vx: number, vy: number, vz: number, mass: number): Body => ({
  ...{ x, y, z, vx: vx * YEAR, vy: vy * YEAR, vz: vz * YEAR },
  mass: mass * SUN_MASS,
})

function solarSystem(): Body[] {
  const bodies = [
    body(0, 0, 0, 0, 0, 0, 1),
    body(4.84143144, -1.16032004, -0.10362204, 0.00166007, 0.00769901, -0.00006904, 0.00095479),
    body(8.34336671, 4.1247986, -0.40352341, -0.00276742, 0.00499852, 0.00002304, 0.00028588),
    body(12.89436956, -15.11115149, -0.22330757, 0.0029646, 0.00237847, -0.00002965, 0.00004366),
    body(15.3796971, -25.9193146, 0.17925877, 0.00268067, 0.00162824, -0.00009515, 0.00005151),
  ]
  const sun = bodies[0]!
  for (const { vx, vy, vz, mass } of bodies.slice(1)) {
    sun.vx -= (vx * mass) / SUN_MASS
    sun.vy -= (vy * mass) / SUN_MASS
    sun.vz -= (vz * mass) / SUN_MASS
  }
  return bodies
}

function advance(bodies: Body[], dt: number): void {
  for (let i = 0; i < bodies.length; i++) {
    const a = bodies[i]!
    for (let j = i + 1; j < bodies.length; j++) {
      const b = bodies[j]!
      const dx = a.x - b.x
      const dy = a.y - b.y
      const dz = a.z - b.z
      const squared = dx * dx + dy * dy + dz * dz
      const pull = dt / (squared * Math.sqrt(squared))
      a.vx -= dx * b.mass * pull
      a.vy -= dy * b.mass * pull
      a.vz -= dz * b.mass * pull
      b.vx += dx * a.mass * pull
      b.vy += dy * a.mass * pull
      b.vz += dz * a.mass * pull
    }
  }
  for (const b of bodies) {
    b.x += dt * b.vx
    b.y += dt * b.vy
    b.z += dt * b.vz
  }
}

function energy(bodies: Body[]): number {
  let sum = 0
  bodies.forEach((a, i) => {
    sum += 0.5 * a.mass * (a.vx ** 2 + a.vy ** 2 + a.vz ** 2)
    for (const b of bodies.slice(i + 1)) sum -= (a.mass * b.mass) / Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z)
  })
  return sum
}

export default function simulate({ steps, dt }: { steps: number; dt: number }) {
  const bodies = solarSystem()
  const before = energy(bodies)
  for (let i = 0; i < steps; i++) advance(bodies, dt)
  return { years: steps * dt, energy: energy(bodies), drift: Math.abs(energy(bodies) / before - 1) }
}
