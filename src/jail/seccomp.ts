import { assemble, type Rule } from './bpf.ts'
import { type Architecture, AUDIT_ARCH } from './syscalls.ts'

const EPERM = 1
const ENOMEM = 12
const ENOSYS = 38
const MAP_SHARED = 0x01
const CLONE_THREAD = 0x00010000
/** Every CLONE_NEW…: namespaces of mounts, cgroups, host names, messages, users, processes and networks. */
const CLONE_NEW_ANYTHING = 0x7e020000
const PR_SET_NAME = 15
const PR_SET_VMA = 0x53564d41
/** TCGETS, FIONBIO, FIONCLEX, FIOCLEX and FIONREAD: what libuv and the C library ask of a descriptor. */
const IOCTLS = [0x5401, 0x5421, 0x5450, 0x5451, 0x541b]

const namesIn = (text: string): readonly string[] => text.trim().split(/\s+/)

/** What Node, V8, isolated-vm and the compiler need, from start to end. The network is not among it: no `socket`. */
const NEEDED: readonly string[] = namesIn(`
  futex read write epoll_wait epoll_pwait epoll_pwait2 readv writev recvmsg sendmsg
  madvise mprotect munmap mmap mremap brk mincore membarrier mseal
  clock_gettime clock_getres clock_nanosleep nanosleep time getrusage sched_yield getcpu
  rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall tgkill
  open openat close pread64 lseek fcntl dup dup2 dup3 getcwd getdents getdents64
  stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat
  pipe pipe2 eventfd2 epoll_create1 epoll_ctl poll ppoll recvfrom sendto shutdown
  getsockname getpeername getsockopt setsockopt
  gettid getpid getppid getuid geteuid getgid getegid capget uname sysinfo
  getrandom getrlimit sched_getaffinity sched_getparam sched_getscheduler set_robust_list
  set_tid_address rseq arch_prctl pkey_alloc pkey_free pkey_mprotect wait4 waitid
  exit exit_group`)

/**
 * Calls that no program of ours ever makes, and that exploits of kernels begin with. Whoever makes one ends at once, by
 * SIGSYS, and says so by that. Were they merely refused, an attacker could go on looking.
 */
const NEVER: readonly string[] = namesIn(`
  ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd personality
  mount umount2 chroot setns unshare open_tree move_mount fsopen fsconfig fsmount
  mount_setattr open_by_handle_at name_to_handle_at quotactl swapon acct reboot
  bpf perf_event_open userfaultfd keyctl add_key request_key memfd_secret io_uring_register
  init_module finit_module delete_module kexec_load kexec_file_load
  setuid setgid setreuid setregid setresuid setresgid setgroups capset`)

/** What a jailed child may ask of the kernel. Everything that is not named fails with EPERM. */
const PROFILE: readonly Rule[] = [
  // Shared memory is not counted by RLIMIT_DATA: with it a guest could hold all the memory there is.
  { calls: ['mmap'], when: [{ argument: 3, test: 'any', bits: MAP_SHARED }], action: { errno: ENOMEM } },
  { calls: NEEDED, action: 'allow' },
  // Threads, but no processes and no namespaces.
  {
    calls: ['clone'],
    when: [
      { argument: 0, test: 'any', bits: CLONE_THREAD },
      { argument: 0, test: 'none', bits: CLONE_NEW_ANYTHING },
    ],
    action: 'allow',
  },
  // Its flags lie in memory, where a filter cannot see them; the C library falls back to `clone` on ENOSYS.
  { calls: ['clone3'], action: { errno: ENOSYS } },
  // The launcher starts Node by it. What can be executed afterwards is the same Node in the same jail.
  { calls: ['execve'], action: 'allow' },
  // Limits may be read; a new limit (not null) may not be set.
  { calls: ['prlimit64'], when: [{ argument: 2, test: 'equals', bits: 0 }], action: 'allow' },
  ...[PR_SET_NAME, PR_SET_VMA].map(
    (bits): Rule => ({ calls: ['prctl'], when: [{ argument: 0, test: 'equals', bits }], action: 'allow' }),
  ),
  ...IOCTLS.map((bits): Rule => ({ calls: ['ioctl'], when: [{ argument: 1, test: 'equals', bits }], action: 'allow' })),
  // libuv makes a ring at start when it can, and what a ring does passes by every filter. Without one it uses epoll.
  { calls: ['io_uring_setup', 'io_uring_enter', 'memfd_create', 'statfs'], action: { errno: ENOSYS } },
  { calls: NEVER, action: 'kill' },
]

/** Whether filters can be written for this architecture. */
export const isFilterable = (architecture: string): architecture is Architecture => architecture in AUDIT_ARCH

/** The filter of every jail, as bytes for `seccomp(2)`. */
export const seccompFilter = (architecture: Architecture): Buffer => assemble(architecture, PROFILE, { errno: EPERM })
