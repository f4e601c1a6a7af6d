import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { only, stages, textOf } from './files.ts'
import { exitCodeHere, RAN_OR_REFUSED } from './run-here.ts'

const [namespace = '', deployment = '', policy = ''] = textOf('examples/kubernetes/ringfence.yaml')
  .replaceAll(/^\s*#.*\n/gm, '')
  .split('---\n')
const [user = '', group = ''] = only(stages().at(-1) ?? [], 'USER').split(':')

/** The command of one probe, however it is written. */
const commandOf = (probe: string): readonly string[] => {
  const text = deployment.slice(deployment.indexOf(`${probe}:`))
  const inline = /^.*\n +exec:\n +command: (\[.*\])\n/.exec(text)?.[1]
  if (inline !== undefined) return JSON.parse(inline) as readonly string[]
  const lines = /^.*\n +exec:\n +command:\n((?: +- .*\n)+)/.exec(text)?.[1] ?? ''
  return lines
    .trim()
    .split('\n')
    .map((line) => line.trim().slice(2))
}

describe('the example for Kubernetes', () => {
  it.each<[what: string, setting: string]>([
    ['no token', 'automountServiceAccountToken: false'],
    ['no addresses of services', 'enableServiceLinks: false'],
    ['no root', 'runAsNonRoot: true'],
    ['the user of the image', `runAsUser: ${user}`],
    ['the group of the image', `runAsGroup: ${group}`],
    ['a seccomp profile', 'seccompProfile:\n          type: RuntimeDefault'],
    ['no new privileges', 'allowPrivilegeEscalation: false'],
    ['a file system that cannot be written', 'readOnlyRootFilesystem: true'],
    ['no capabilities', 'capabilities:\n              drop: ["ALL"]'],
    ['a limit of memory', 'limits:\n              memory: '],
    ['a folder where the canary’s bait can lie', 'mountPath: /tmp'],
    ['that folder in memory', 'emptyDir:\n            medium: Memory\n            sizeLimit: '],
    ['this version', `image: ringfence:${packageJson.version}`],
  ])('gives its pod %s', (_, setting) => {
    expect(deployment).toContain(setting)
  })

  it('opens nothing of the node to it', () => {
    expect(deployment).not.toMatch(/privileged|hostPath|hostNetwork|hostPID|hostIPC|Unconfined|add:/)
    expect(namespace).toContain('pod-security.kubernetes.io/enforce: restricted')
  })

  it('lets no packet in or out of the pods that it starts', () => {
    expect(policy).toContain('kind: NetworkPolicy')
    expect(policy).toContain('policyTypes: ["Ingress", "Egress"]')
    expect(policy).not.toMatch(/^ +(ingress|egress):/m)
    const label = 'matchLabels:\n      app.kubernetes.io/name: ringfence'
    expect([policy.includes(`podSelector:\n    ${label}`), deployment.includes(label)]).toEqual([true, true])
  })

  it.each(['startupProbe', 'readinessProbe', 'livenessProbe'])('asks by a command that there is: %s', (probe) => {
    const command = commandOf(probe)
    expect(command.join(' ')).toContain('node dist/cli/main.js ')
    expect(probe === 'livenessProbe' ? [0] : RAN_OR_REFUSED).toContain(exitCodeHere(command))
  })
})
