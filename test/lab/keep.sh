#!/bin/bash
# Stays beside a lab, outside it: starts it, waits for its end, and takes away its cgroups and its temp folder.
# usage: keep.sh TEMP LOWER NAME PARENT private|host rootful|rootless [FROM TO]…
#
# PARENT is the folder of the cgroup to start below, or `scope`: the one that systemd-run made for this process.
# stdin is the lifeline: when whoever holds its other end ends, even by SIGKILL, so does the lab.
set -u
umask 022
export PATH=$PATH:/usr/sbin:/sbin LAB_LEADER=
temp=$1 name=$3 parent=$4 network=$5 privilege=$6
if [ "$parent" = scope ]; then
  hierarchy=$(awk '$0 ~ / - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
  parent=$hierarchy$(sed -n 's/^0:://p' /proc/self/cgroup)
  # No cgroup may hold processes and hand out controllers: this one moves down, so that the lab gets them.
  mkdir "$parent/keeper" && echo $$ >"$parent/keeper/cgroup.procs"
  read -ra controllers <"$parent/cgroup.controllers"
  for controller in "${controllers[@]}"; do
    echo "+$controller" >"$parent/cgroup.subtree_control"
  done
fi
cgroup=$parent/$(basename "$temp")

clean() {
  # A cgroup is busy until the kernel has reaped what was killed in it: mostly at once, under load some 100 ms.
  local _
  echo 1 >"$cgroup/cgroup.kill" # since Linux 5.14: whoever got away
  for _ in {1..500}; do
    find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null
    [ -d "$cgroup" ] || break
    sleep 0.01
  done
  rm -rf --one-file-system "$temp"
}

namespaces=(--mount --uts --ipc --pid --fork --kill-child)
[ "$network" = host ] || namespaces+=(--net)
[ "$privilege" = rootful ] || namespaces+=(--user --map-root-user)
# No clock and no kernel module of the host may be set from inside.
drop=('--bounding-set=-sys_time,-sys_module')
[ "$privilege" = rootful ] || drop=()

mkdir "$cgroup" || exit
exec 3<&0
setpriv --pdeathsig KILL "${drop[@]}" -- unshare "${namespaces[@]}" -- \
  bash "$(dirname "$0")/boot.sh" "$1" "$2" "$name" "$cgroup" "$privilege" "${@:7}" </dev/null 3<&- &
lab=$!
end() { # the lab's PID 1, not its parent: that one shall reap it
  local leader=
  read -r leader _ <"/proc/$lab/task/$lab/children" # ends without a newline: read says 1, and has read it
  kill -KILL "${leader:-$lab}"
}
trap end TERM
{ read -r _; end; } <&3 >/dev/null 2>&1 &
watcher=$!
exec >/dev/null 2>&1
while kill -0 $lab; do wait $lab; done
kill -KILL $watcher
clean
