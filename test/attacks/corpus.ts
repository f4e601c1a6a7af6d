import type { Family } from './attack.ts'
import { CALLERS } from './corpus/callers.ts'
import { CODE_FROM_STRINGS } from './corpus/code-from-strings.ts'
import { CONSTRUCTOR_CHAINS } from './corpus/constructor-chains.ts'
import { ODD_DATA } from './corpus/data.ts'
import { ERROR_HOOKS } from './corpus/errors.ts'
import { IMPORTS } from './corpus/imports.ts'
import { IMPORTS_FROM_STRINGS } from './corpus/imports-from-strings.ts'
import { INTERNALS } from './corpus/internals.ts'
import { MODULE_LOADER } from './corpus/modules.ts'
import { PARSERS, WRAPPERS } from './corpus/parsers.ts'
import { POISONING } from './corpus/poisoning.ts'
import { POLLUTION } from './corpus/pollution.ts'
import { PROMISES } from './corpus/promises.ts'
import { PROXIES_AND_SPECIES } from './corpus/proxies.ts'
import { RESULTS } from './corpus/results.ts'
import { STACK } from './corpus/stack.ts'
import { SYMBOLS } from './corpus/symbols.ts'

/** Every attack that is one program. */
export const CORPUS: readonly Family[] = [
  CONSTRUCTOR_CHAINS,
  CODE_FROM_STRINGS,
  POLLUTION,
  ERROR_HOOKS,
  PROXIES_AND_SPECIES,
  PROMISES,
  IMPORTS,
  IMPORTS_FROM_STRINGS,
  SYMBOLS,
  CALLERS,
  RESULTS,
  ODD_DATA,
  MODULE_LOADER,
  PARSERS,
  WRAPPERS,
  STACK,
  POISONING,
  INTERNALS,
]
