import type { Guest } from '../core/sandbox.ts'

/** How a table of dependencies names a module of Node. */
const DEPENDENCY = /\]: "node:[a-z_/]+"/

/** Whether a guest may import modules of Node: it was offered them, and names one or may name any later. */
export const needsNode = ({ offersNode, evaluates, program }: Guest): boolean =>
  offersNode === true && (evaluates === true || DEPENDENCY.test(program.script))
