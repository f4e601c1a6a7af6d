/** Architectures whose system calls are known here. */
export type Architecture = 'x64' | 'arm64'

/** What the kernel calls an architecture in the data that a filter sees. */
export const AUDIT_ARCH: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 }

/** Name, number on x86-64, number on arm64; a dash where an architecture has none. From the kernel's own headers. */
const TABLE = `
read 0 63|write 1 64|open 2 -|close 3 57|stat 4 -|fstat 5 80|lstat 6 -|poll 7 -|lseek 8 62|mmap 9 222
mprotect 10 226|munmap 11 215|brk 12 214|rt_sigaction 13 134|rt_sigprocmask 14 135|rt_sigreturn 15 139|ioctl 16 29
pread64 17 67|readv 19 65|writev 20 66|access 21 -|sched_yield 24 124|mremap 25 216|mincore 27 232|madvise 28 233
dup 32 23|dup2 33 -|nanosleep 35 101|getpid 39 172|sendto 44 206|recvfrom 45 207|sendmsg 46 211|recvmsg 47 212
shutdown 48 210|getsockname 51 204|getpeername 52 205|setsockopt 54 208|getsockopt 55 209|clone 56 220|execve 59 221
exit 60 93|wait4 61 260|uname 63 160|fcntl 72 25|getdents 78 -|getcwd 79 17|readlink 89 -|getrlimit 97 163
getrusage 98 165|sysinfo 99 179|ptrace 101 117|getuid 102 174|getgid 104 176|setuid 105 146|setgid 106 144
geteuid 107 175|getegid 108 177|getppid 110 173|capget 125 90|capset 126 91|setreuid 113 145|setregid 114 143
setgroups 116 159|setresuid 117 147|setresgid 119 149|statfs 137 43|sigaltstack 131 132|personality 135 92
sched_getparam 143 121|sched_getscheduler 145 120|prctl 157 167|arch_prctl 158 -|chroot 161 51|acct 163 89
mount 165 40|umount2 166 39|swapon 167 224|reboot 169 142|init_module 175 105|delete_module 176 106|quotactl 179 60
pipe 22 -|pipe2 293 59|gettid 186 178|futex 202 98|sched_getaffinity 204 123|time 201 -|restart_syscall 219 128
getdents64 217 61|set_tid_address 218 96|clock_gettime 228 113|clock_getres 229 114|clock_nanosleep 230 115
exit_group 231 94|epoll_wait 232 -|epoll_ctl 233 21|tgkill 234 131|kexec_load 246 104|waitid 247 95|add_key 248 217
request_key 249 218|keyctl 250 219|openat 257 56|newfstatat 262 79|readlinkat 267 78|faccessat 269 48|ppoll 271 73
unshare 272 97|set_robust_list 273 99|epoll_pwait 281 22|eventfd2 290 19|epoll_create1 291 20|dup3 292 24
perf_event_open 298 241|prlimit64 302 261|name_to_handle_at 303 264|open_by_handle_at 304 265|setns 308 268
getcpu 309 168|process_vm_readv 310 270|process_vm_writev 311 271|kcmp 312 272|finit_module 313 273
seccomp 317 277|getrandom 318 278|memfd_create 319 279|kexec_file_load 320 294|bpf 321 280|userfaultfd 323 282
membarrier 324 283|pkey_mprotect 329 288|pkey_alloc 330 289|pkey_free 331 290|statx 332 291|rseq 334 293
io_uring_setup 425 425|io_uring_enter 426 426|io_uring_register 427 427|open_tree 428 428|move_mount 429 429
fsopen 430 430|fsconfig 431 431|fsmount 432 432|clone3 435 435|pidfd_getfd 438 438|faccessat2 439 439
process_madvise 440 440|epoll_pwait2 441 441|mount_setattr 442 442|memfd_secret 447 447|mseal 462 462`

const numbersAt = (column: 1 | 2): ReadonlyMap<string, number> =>
  new Map(
    TABLE.trim()
      .split(/[|\n]/)
      .map((entry) => entry.split(' '))
      .filter((entry) => entry[column] !== '-')
      .map((entry) => [entry[0] ?? '', Number(entry[column])]),
  )

/** The number of each system call by name, for each architecture. */
export const SYSCALLS: Readonly<Record<Architecture, ReadonlyMap<string, number>>> = {
  x64: numbersAt(1),
  arm64: numbersAt(2),
}
