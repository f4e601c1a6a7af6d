import type { Guarantee } from './guarantee.ts'
import { CEILINGS } from './guarantees/ceilings.ts'
import { COST } from './guarantees/cost.ts'
import { ERRORS } from './guarantees/errors.ts'
import { FUNCTIONS } from './guarantees/functions.ts'
import { KILLS } from './guarantees/kills.ts'
import { LANGUAGE } from './guarantees/language.ts'
import { SANDBOXES } from './guarantees/sandboxes.ts'
import { VALUES } from './guarantees/values.ts'
import { WALL_TIME } from './guarantees/wall-time.ts'
import { WALLS } from './guarantees/walls.ts'

/** Every guarantee, in the order of the README's table. */
export const GUARANTEES: readonly Guarantee[] = [
  ...WALLS,
  ...WALL_TIME,
  ...COST,
  ...CEILINGS,
  ...KILLS,
  ...SANDBOXES,
  ...FUNCTIONS,
  ...VALUES,
  ...ERRORS,
  ...LANGUAGE,
]
