# Starts a command behind the layers that a process can only put on from within: parent's death, cgroups, limits, a user
# of its own, no capabilities, no new privileges, Landlock, seccomp. Perl, because its core can make system calls and is
# part of every Debian and Ubuntu, so that no compiler is needed. Any layer that cannot be put on ends it: nothing weaker
# than what was asked for is ever started.
#
#   --parent PID           ends at once when that is not our parent any more
#   --cgroup FILE          joins the group whose list of processes that is
#   --limit RESOURCE:VALUE sets a resource limit, by the kernel's number, soft and hard
#   --user UID             becomes that user and group
#   --keep FD              the highest descriptor that the command inherits
#   --read PATH, --execute PATH   what Landlock leaves; without any, Landlock is not used
#   --filter HEX           the seccomp filter to run under
#   --pass-filter HEX      the filter to hand over through a pipe, whose descriptor takes the place of FILTER in the command
use strict;

sub refuse { print STDERR "ringfence-jail: cannot $_[0]: $!\n"; exit 125 }

require Config;
my $arm = $Config::Config{archname} =~ /^aarch64/;
my %call = $arm
  ? (prctl => 167, seccomp => 277, openat => 56, close => 57, prlimit64 => 261, setgroups => 159,
     setresuid => 147, setresgid => 149, capget => 90, capset => 91)
  : (prctl => 157, seccomp => 317, openat => 257, close => 3, prlimit64 => 302, setgroups => 116,
     setresuid => 117, setresgid => 119, capget => 125, capset => 126);
@call{qw(landlock_create landlock_add landlock_restrict close_range)} = (444, 445, 446, 436);

my (%given, @limits, @cgroups, @paths);
while (@ARGV) {
  my $name = shift;
  last if $name eq '--';
  my $value = shift;
  if ($name eq '--limit') { push @limits, [split /:/, $value] }
  elsif ($name eq '--cgroup') { push @cgroups, $value }
  elsif ($name =~ /^--(read|execute)$/) { push @paths, [$1, $value] }
  else { $given{$name} = $value }
}
my @command = @ARGV;

for my $file (@cgroups) {
  open(my $list, '>', $file) or refuse("open $file");
  syswrite($list, "$$\n") or refuse("join the group of $file");
  close $list;
}

for (@limits) {
  my ($resource, $value) = map { int } @$_;
  my $old = "\0" x 16;
  syscall($call{prlimit64}, 0, $resource, 0, $old) == 0 or refuse("read limit $resource");
  my (undef, $hard) = unpack 'QQ', $old;
  $value = $hard if $hard < $value;
  syscall($call{prlimit64}, 0, $resource, pack('QQ', $value, $value), 0) == 0 or refuse("set limit $resource");
}

# Paths are opened before the user changes: a folder above them may be closed to everybody else.
my $ruleset;
if (@paths) {
  my $version = syscall($call{landlock_create}, 0, 0, 1);
  $version >= 1 or refuse('use Landlock');
  my $rights = $version >= 5 ? 0xffff : $version >= 3 ? 0x7fff : $version >= 2 ? 0x3fff : 0x1fff;
  my $network = $version >= 4 ? 3 : 0;
  my $scopes = $version >= 6 ? 3 : 0;
  my $size = $version >= 6 ? 24 : $version >= 4 ? 16 : 8;
  $ruleset = syscall($call{landlock_create}, pack('QQQ', $rights, $network, $scopes), $size, 0);
  $ruleset >= 0 or refuse('make Landlock rules');
  for (@paths) {
    my ($kind, $path) = @$_;
    # Bits: execute 1, read a file 4, list a folder 8.
    my $allowed = ($kind eq 'execute' ? 5 : 4) | (-d $path ? 8 : 0);
    my $fd = syscall($call{openat}, -100, "$path\0", 0x280000);
    $fd >= 0 or refuse("open $path");
    syscall($call{landlock_add}, $ruleset, 1, pack('Ql', $allowed, $fd), 0) == 0 or refuse("allow $path");
    syscall($call{close}, $fd);
  }
}

# Capabilities beyond those of the user: the bounding set as far as it may be changed, then all that are held.
if (defined $given{'--user'}) {
  my $id = int $given{'--user'};
  for my $capability (0 .. 63) { last if syscall($call{prctl}, 24, $capability, 0, 0, 0) != 0 }
  syscall($call{setgroups}, 0, 0) == 0 or refuse('leave the groups');
  # Root without CAP_KILL (5) could not end a process of another user: whatever ran here would run for ever.
  my ($mine, $held) = (pack('LL', 0x20080522, 0), "\0" x 24);
  syscall($call{capget}, $mine, $held) == 0 or refuse('read capabilities');
  $! = 1;
  refuse('be ended as another user without CAP_KILL') unless unpack('L', $held) & 1 << 5;
  syscall($call{setresgid}, $id, $id, $id) == 0 or refuse("become group $id");
  syscall($call{setresuid}, $id, $id, $id) == 0 or refuse("become user $id");
  $! = 1;
  refuse('leave root') if $< == 0 || $> == 0 || syscall($call{setresuid}, 0, 0, 0) == 0;
}
syscall($call{prctl}, 47, 4, 0, 0, 0);
my ($header, $none) = (pack('LL', 0x20080522, 0), "\0" x 24);
syscall($call{capset}, $header, $none) == 0 or refuse('drop capabilities');

# After the change of user, which forgets it.
syscall($call{prctl}, 1, 9, 0, 0, 0) == 0 or refuse('die with the parent');
exit 125 if defined $given{'--parent'} && getppid() != $given{'--parent'};
syscall($call{prctl}, 38, 1, 0, 0, 0) == 0 or refuse('give up new privileges');

my $first = 1 + ($given{'--keep'} || 2);
if (defined $ruleset) { syscall($call{landlock_restrict}, $ruleset, 0) == 0 or refuse('restrict itself by Landlock') }
if (syscall($call{close_range}, $first, 4294967295, 0) != 0) { syscall($call{close}, $_) for $first .. 1023 }

my $from; # open until the command has it
if (defined $given{'--pass-filter'}) {
  $^F = 1023;
  pipe($from, my $to) or refuse('make a pipe');
  syswrite($to, pack 'H*', $given{'--pass-filter'}) or refuse('hand over the filter');
  close $to;
  my $fd = fileno $from;
  @command = map { $_ eq 'FILTER' ? $fd : $_ } @command;
}
if (defined $given{'--filter'}) {
  my $filter = pack 'H*', $given{'--filter'};
  my $program = pack 'S x![P] P', length($filter) / 8, $filter;
  syscall($call{seccomp}, 1, 0, $program) == 0 or refuse('run under seccomp');
}
exec { $command[0] } @command or refuse("start $command[0]");
