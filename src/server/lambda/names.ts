import { invalid } from './aws-error.ts'

/** Where functions say they are. There is one account, and one region. */
const ARN = 'arn:aws:lambda:local:000000000000:function:'
/** What an AWS client calls the newest deployment, which calls reach by no other name. */
const LATEST = '$LATEST'

/** A function as a client names it: by its name, or an ARN or part of one, with a version or alias behind it. */
export interface Named {
  readonly name: string
  /** As our own host has it; absent for the newest deployment. */
  readonly qualifier?: string
}

/** Reads a name from a path, and the qualifier beside it. */
export function parseName(given: string, qualifier?: string): Named {
  const [, name, inName] = /^(?:(?:arn:[^:]*:lambda:[^:]*:)?\d*:?function:)?([^:]+)(?::([^:]+))?$/.exec(given) ?? []
  if (name === undefined) throw invalid(`The function name "${given}" is none`)
  if (inName !== undefined && qualifier !== undefined && inName !== qualifier) {
    throw invalid(`The qualifiers "${inName}" and "${qualifier}" are not the same`)
  }
  const wanted = inName ?? qualifier
  return { name, ...(wanted !== undefined && wanted !== LATEST && { qualifier: wanted }) }
}

export const arnOf = ({ name, qualifier }: Named): string =>
  ARN + name + (qualifier === undefined ? '' : `:${qualifier}`)

/** What a client is told of the qualifier it asked for. */
export const versionName = (qualifier: string | undefined): string => qualifier ?? LATEST
