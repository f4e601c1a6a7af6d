import { createHmac, randomBytes } from 'node:crypto'
import type { Guest } from '../core/sandbox.ts'

const SECRET = randomBytes(16)

/**
 * Names those who may share what is compiled, without naming them: a carrier that serves several tenants learns nothing of
 * who they are. Guests of one tenant and one level of trust have the same.
 */
export const partitionOf = ({ trust, tenant }: Guest): string =>
  createHmac('sha256', SECRET)
    .update(JSON.stringify([trust, tenant]))
    .digest('hex')
    .slice(0, 32)
