#!/bin/bash
# The first process of a lab: builds a private root over LOWER, then becomes its systemd.
# usage: boot.sh TEMP LOWER NAME CGROUP rootful|rootless [FROM TO]…
#
# keep.sh starts it in namespaces of its own. Nothing below writes outside them: each mount is private, and whatever is
# written lands in a tmpfs.
set -eu
umask 022
temp=$1 lower=$2 name=$3 cgroup=$4 privilege=$5

if [ -z "${LAB_LEADER:-}" ]; then
  # In its cgroup before the cgroup namespace is made, else the lab's slices would stand at the host's root. /proc is
  # still the host's, so this is the process id that the host knows; exec keeps it.
  echo 0 >"$cgroup/cgroup.procs"
  read -r leader _ </proc/self/stat
  LAB_LEADER=$leader exec unshare --cgroup -- bash "$0" "$@"
fi
shift 5
rootless=
[ "$privilege" = rootful ] || rootless=1

mount() { command mount --no-mtab "$@"; } # which would be /run/mount/utab, still the host's
mount --make-rprivate /
mount -t tmpfs -o size=2g,mode=0755 lab "$temp/base"
upper=$temp/base/upper
mkdir "$upper" "$temp/base/work" "$temp/base/root"

# The upper layer is filled before it is laid over the lower one. A folder in it belongs to the lab's root, so that an
# ordinary user's lab too may write there, though below it is the host root's.
(cd "$upper" && mkdir -p etc home opt srv usr/lib/systemd/system usr/local/bin var/cache var/lib var/spool)
mkdir -m 1777 "$upper/var/tmp"
hide() { # not to be seen from the lab: a whiteout, which unlike a mount is no unit of the lab's systemd
  local path
  for path; do
    [ -e "$path" ] || continue
    mkdir -p "$upper/${path%/*}"
    mknod "$upper/$path" c 0 0
  done
}
cd "$lower"
# The lab runs what default.target below lists and nothing else: none of the units that set up hardware, clocks or
# kernel settings, no generator (they would mount what /etc/fstab says), whatever distribution and admin want. Nor may
# it read the host's journal as its own.
hide ./root var/log etc/systemd etc/machine-id etc/hostname
hide usr/lib/systemd/system/*.wants usr/lib/systemd/system-generators
hide usr/lib/systemd/user/*.wants usr/lib/systemd/user-generators
hide usr/local/lib/systemd/system/*.wants usr/local/lib/systemd/system-generators

cd "$temp/base/root"
if [ "$rootless" ]; then
  # The namespace knows one user, so dbus-daemon can't become messagebus; nor does it by its unit, below.
  mkdir -p "$upper/usr/share/dbus-1"
  sed '/<user>/d' "$lower/usr/share/dbus-1/system.conf" >"$upper/usr/share/dbus-1/system.conf"
fi
lay() { # the upper layer over the lower one, for all of the root or for one folder in it
  local work=$temp/base/work/${1:-all}
  mkdir -p "$work" "$upper/$1"
  mount -t overlay -o "lowerdir=$lower/$1,upperdir=$upper/$1,workdir=$work${rootless:+,userxattr}" lab "./$1"
}
# An ordinary user may not uncover what is below the host's mounts, so over a whole root that has some an overlay is
# refused (EINVAL): then folder by folder.
if ! lay '' 2>/dev/null; then
  mount --bind . . # pivot_root wants a mount
  cd "$temp/base/root"
  for path in "${lower%/}"/*; do
    folder=${path##*/}
    if [ -L "$path" ]; then
      cp -P "$path" .
    elif [ -d "$path" ]; then
      mkdir "$folder"
      case $folder in
      usr | var) lay "$folder" ;;
      etc)
        lay etc 2>/dev/null || {
          cp -R "$path/." etc 2>/dev/null || true # all but what only root may read
          rm -rf etc/systemd etc/machine-id etc/hostname
        }
        ;;
      home | opt | srv) lay "$folder" 2>/dev/null || true ;;
      esac
    fi
  done
fi
cd "$temp/base/root" # what is mounted there now

# /proc/sys and sysrq are the whole machine's, not the namespace's: PID 1 would set fs.file-max there.
mount -t proc -o nosuid,nodev,noexec proc proc
mount --bind -o ro proc/sys proc/sys
[ ! -e proc/sysrq-trigger ] || mount --bind -o ro proc/sysrq-trigger proc/sysrq-trigger
if [ "$rootless" ]; then
  # An ordinary user may mount sysfs anew only with a network of its own, so never; and cgroup2 not upon itself.
  mount --rbind /sys sys
  mount -t tmpfs lab sys/fs/cgroup
else
  mount -t sysfs -o ro sysfs sys
fi
mount -t cgroup2 cgroup2 sys/fs/cgroup

# Only harmless devices: with the host's own, PID 1 would write to its console and journald read its kernel log.
mount -t tmpfs -o mode=0755 lab dev
mkdir dev/pts dev/shm
for node in null zero full random urandom tty; do
  : >"dev/$node"
  mount --bind "/dev/$node" "dev/$node"
done
mount -t devpts -o newinstance,mode=620,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t tmpfs -o mode=1777 lab dev/shm
mount -t tmpfs -o mode=1777 lab tmp
mount -t tmpfs -o mode=0755 lab run

mkdir -p root etc/systemd/system etc/systemd/user run/systemd/system run/systemd/journal var/log/journal
chmod 0700 root
cat >etc/systemd/system/default.target <<'UNIT'
[Unit]
Description=Lab
Requires=basic.target dbus.service systemd-journald.service
After=basic.target dbus.service systemd-journald.service
AllowIsolate=yes
UNIT
# The audit socket would turn on auditing in the host's kernel; a session bus would start logind to ask it.
for unit in systemd-journald-audit.socket systemd-logind.service; do
  ln -s /dev/null "etc/systemd/system/$unit"
done
if [ "$rootless" ]; then
  mkdir etc/systemd/system/dbus.service.d
  printf '[Service]\nUser=root\nGroup=root\nAmbientCapabilities=\n' >etc/systemd/system/dbus.service.d/rootless.conf
fi
# journald writes to /var at once, one file per user, as on a machine that has been up for a while: what
# systemd-journal-flush.service would tell it.
: >run/systemd/journal/flushed
machine=$(cat /proc/sys/kernel/random/uuid)
echo "${machine//-/}" >etc/machine-id
echo "$name" >etc/hostname

chmod -R go=u-w "$temp/files" # whatever umask they were written with
cp -R --remove-destination "$temp/files/." .
while [ $# -gt 0 ]; do
  from=$1 to=${2#/}
  shift 2
  if [ -d "$from" ]; then
    mkdir -p "$to"
  elif [ ! -e "$to" ]; then
    mkdir -p "$(dirname "$to")"
    : >"$to"
  fi
  # What an ordinary user's namespace inherits locked has to be named again.
  mount --bind -o ro "$from" "$to" 2>/dev/null || mount --bind -o ro,nosuid,nodev "$from" "$to"
done

pivot_root . .
umount --no-mtab --lazy .
cd /
# Not a moment earlier: whoever entered before would have stood in the host's root.
echo "leader $LAB_LEADER"
exec env -i container=lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LANG=C.UTF-8 \
  /usr/lib/systemd/systemd --system --show-status=no </dev/null >&2
