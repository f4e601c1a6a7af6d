/** What the holder of a token may do: call functions, also deploy and look at them, also stop them. */
export const ROLES = ['invoker', 'deployer', 'operator'] as const
export type Role = (typeof ROLES)[number]

/** What can be done with functions; to `administer` is to give tokens away and to see all of a host. */
export type Action = 'invoke' | 'see' | 'deploy' | 'stop' | 'administer'

/** Who asks for something: in a role, and for one tenant or for all of them. */
export interface Principal {
  readonly role: Role
  readonly tenant?: string
}

/** A token as it is kept: never the token itself. */
export interface TokenRecord extends Principal {
  readonly id: string
  /** What it is for, in its maker's words. */
  readonly note?: string
  /** SHA-256 of its secret part, in hexadecimal. That has 256 bits of chance, which no slow hash has to protect. */
  readonly hash: string
  readonly createdAt: string
}

/** A token without what proves it. */
export type ShownToken = Omit<TokenRecord, 'hash'>

/** What a new token may do. */
export type TokenGrant = Pick<TokenRecord, 'role' | 'tenant' | 'note'>

const ALLOWED: Readonly<Record<Role, readonly Action[]>> = {
  invoker: ['invoke'],
  deployer: ['invoke', 'see', 'deploy'],
  operator: ['invoke', 'see', 'deploy', 'stop', 'administer'],
}

/** Whether somebody may do so at all, be it for one tenant. All of a host is administered by who has no tenant. */
export const mayAtAll = ({ role, tenant }: Principal, action: Action): boolean =>
  ALLOWED[role].includes(action) && (action !== 'administer' || tenant === undefined)

/** Whether somebody may do so with what this tenant has. */
export const may = (principal: Principal, action: Action, tenant: string): boolean =>
  mayAtAll(principal, action) && (principal.tenant === undefined || principal.tenant === tenant)
