#!/usr/bin/env bash
# A Slurm of one node, for trying and testing sweeps where there is no cluster (Debian, Ubuntu).
#
#   tools/slurm/up.sh FOLDER        start it; everything it keeps is in FOLDER
#   eval "$(tools/slurm/up.sh FOLDER)"          ... and have sinfo, sbatch, squeue talk to it
#   tools/slurm/up.sh --install     only install what is needed (as root), within a minute
#   tools/slurm/down.sh FOLDER      stop it
#
# CPUS=8      pretend that the node has eight: more tasks at a time
# MAXARRAY=9  MaxArraySize, one more than the highest index of an array
# HOLD=5      seconds that a task waits when it is queued again; else it is Slurm's two minutes
# WAIT=60     seconds to wait for each daemon
# EXTRA=…     further lines of slurm.conf, such as "MaxJobCount=8"
# ACCOUNTING=1   with a database, so that `sacct` works; without, as on many small clusters, it does not
#
# It has a key, ports and a configuration of its own and does not touch a Slurm that is installed.
set -euo pipefail

packages=(slurmctld slurmd slurm-client munge)
programs=(slurmctld slurmd sbatch munged)
if [ -n "${ACCOUNTING:-}" ]; then
  packages+=(slurmdbd mariadb-server)
  programs+=(slurmdbd mariadbd mariadb-install-db)
fi
PATH=$PATH:/usr/sbin:/sbin
wait_seconds=${WAIT:-60}

say() { printf '%s\n' "$*" >&2; }
fail() { say "up.sh: $*"; exit 1; }

lacking() {
  for one in "${programs[@]}"; do command -v "$one" >/dev/null || return 0; done
  return 1
}

install_packages() {
  lacking || return 0
  command -v apt-get >/dev/null || fail "Slurm is not installed, and there is no apt-get to install it with"
  [ "$(id -u)" = 0 ] || fail "Slurm is not installed; as root: apt-get install ${packages[*]}"
  local log
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  # Old lists may do; fresh ones cost a quarter of a minute.
  { apt-get install -y -qq --no-install-recommends "${packages[@]}" ||
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}"; }
  } >"$log" 2>&1 || { tail -5 "$log" >&2; fail "Slurm could not be installed (see $log)"; }
  rm -f "$log"
}

# Wait until a command succeeds.
await() {
  local what=$1 log=$2 tries=$((wait_seconds * 10))
  shift 2
  for ((n = 0; n < tries; n++)); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
  [ -e "$log" ] && tail -5 "$log" >&2
  fail "$what did not come up in $wait_seconds s"
}

is_alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

free_ports() {
  python3 - <<'PYTHON'
import socket
held = [socket.socket() for _ in range(3)]
for one in held:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))
PYTHON
}

write_configuration() {
  local host=$1 ports user memory accounting=AccountingStorageType=accounting_storage/none
  read -r -a ports <<<"$(free_ports)"
  user=$(id -un)
  if [ -n "${ACCOUNTING:-}" ]; then
    configure_accounting "$host" "${ports[2]}"
    accounting="AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=$host
AccountingStoragePort=${ports[2]}
AccountingStoragePass=$folder/munge/socket"
  fi
  memory=$(awk '/MemTotal/ { print int($2 / 1024 * 0.9) }' /proc/meminfo)
  cat >"$folder/slurm.conf" <<CONF
ClusterName=concord
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmdPort=${ports[1]}
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket${HOLD:+,cred_expire=$HOLD}
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_min_interval=10000,batch_sched_delay=0,sched_interval=1,bf_interval=1
StateSaveLocation=$folder/controller
SlurmdSpoolDir=$folder/node
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SlurmdParameters=config_overrides
ReturnToService=2
MaxArraySize=${MAXARRAY:-1001}
MinJobAge=300
KillWait=3
JobRequeue=1
$accounting
NodeName=$host NodeAddr=127.0.0.1 CPUs=${CPUS:-$(nproc)} RealMemory=$memory State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
${EXTRA:-}
CONF
}

configure_accounting() {
  cat >"$folder/slurmdbd.conf" <<CONF
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket${HOLD:+,cred_expire=$HOLD}
DbdHost=$1
DbdAddr=127.0.0.1
DbdPort=$2
SlurmUser=$(id -un)
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=$(id -un)
StorageLoc=slurm
LogFile=$folder/slurmdbd.log
PidFile=$folder/slurmdbd.pid
CONF
  chmod 600 "$folder/slurmdbd.conf"
}

in_database() { mariadb --no-defaults --socket="$folder/database.sock" "$@"; }

# A database that only this user can reach, by a socket in the folder.
start_accounting() {
  local us=() log=$folder/mariadbd.log
  [ "$(id -u)" != 0 ] || us=(--user=root)
  if ! is_alive "$folder/mariadbd.pid"; then
    [ -e "$folder/database" ] || mariadb-install-db --no-defaults "${us[@]}" --datadir="$folder/database" \
      --auth-root-authentication-method=socket --auth-root-socket-user="$(id -un)" >"$log" 2>&1 ||
      { tail -5 "$log" >&2; fail "the database could not be made"; }
    setsid mariadbd --no-defaults "${us[@]}" --datadir="$folder/database" --socket="$folder/database.sock" \
      --pid-file="$folder/mariadbd.pid" --skip-networking --innodb-buffer-pool-size=64M \
      --innodb-lock-wait-timeout=900 </dev/null >>"$log" 2>&1 &
  fi
  await mariadbd "$log" in_database -e "select 1"
  in_database -e "create database if not exists slurm"
  export MYSQL_UNIX_PORT=$folder/database.sock  # where slurmdbd looks for it
  is_alive "$folder/slurmdbd.pid" || slurmdbd </dev/null >/dev/null 2>&1 ||
    { tail -5 "$folder/slurmdbd.log" >&2; fail "slurmdbd did not start"; }
  await slurmdbd "$folder/slurmdbd.log" sacctmgr -n list cluster
}

start_munge() {
  local force=()
  [ "$(id -u)" = 0 ] && force=(--force)  # it would rather not run as root
  mkdir -p "$folder/munge"
  chmod 755 "$folder" "$folder/munge"
  [ -s "$folder/munge/key" ] || (umask 077 && head -c 128 /dev/urandom >"$folder/munge/key")
  munged "${force[@]}" --socket="$folder/munge/socket" --key-file="$folder/munge/key" \
    --pid-file="$folder/munged.pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" \
    </dev/null >"$folder/munge/out" 2>&1 || { cat "$folder/munge/out" >&2; fail "munged did not start"; }
}

main() {
  [ "${1:-}" != --install ] || { install_packages; exit 0; }
  [ $# = 1 ] || fail "usage: up.sh FOLDER | up.sh --install"
  install_packages
  mkdir -p "$1"
  folder=$(cd "$1" && pwd -P)
  # A socket's path is cut at 108 characters.
  [ ${#folder} -le 80 ] || fail "$folder: too long a name for a folder with sockets in it"
  local host
  host=$(hostname -s)
  getent hosts "$host" >/dev/null || fail "the name of this machine, $host, is not in /etc/hosts"
  export SLURM_CONF="$folder/slurm.conf"
  mkdir -p "$folder/controller" "$folder/node"
  # What still runs knows the one that there is.
  is_alive "$folder/slurmctld.pid" || is_alive "$folder/slurmd.pid" || write_configuration "$host"
  is_alive "$folder/munged.pid" || start_munge
  await munge "$folder/munge/log" munge --no-input --socket="$folder/munge/socket"
  ! grep -q '^AccountingStoragePort=' "$SLURM_CONF" || start_accounting
  is_alive "$folder/slurmctld.pid" || slurmctld </dev/null >/dev/null 2>&1 ||
    { tail -5 "$folder/slurmctld.log" >&2; fail "slurmctld did not start"; }
  await slurmctld "$folder/slurmctld.log" bash -c 'scontrol ping | grep -q "is UP"'
  is_alive "$folder/slurmd.pid" || slurmd </dev/null >/dev/null 2>&1 ||
    { tail -5 "$folder/slurmd.log" >&2; fail "slurmd did not start"; }
  await slurmd "$folder/slurmd.log" bash -c 'sinfo -h -o %t | grep -qE "^(idle|mix|alloc)$"'
  printf 'export SLURM_CONF=%q\n' "$SLURM_CONF"
}

main "$@"
