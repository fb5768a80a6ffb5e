#!/usr/bin/env bash
# Stop what up.sh has started in FOLDER: its jobs, and its daemons by their process ids.
set -uo pipefail

[ $# = 1 ] && [ -e "$1/slurm.conf" ] || { echo "usage: down.sh FOLDER (the one given to up.sh)" >&2; exit 2; }
folder=$(cd "$1" && pwd -P)
export SLURM_CONF="$folder/slurm.conf"

timeout 10 scancel --user="$(id -un)" 2>/dev/null
for ((n = 0; n < 50; n++)); do
  [ -n "$(timeout 5 squeue -h 2>/dev/null)" ] || break
  sleep 0.1
done

# The node first: the controller waits for its word, and all need munge.
for daemon in slurmd slurmctld slurmdbd mariadbd munged; do
  file="$folder/$daemon.pid"
  [ -s "$file" ] || continue
  process=$(cat "$file")
  # A pid is used again after its process has ended; do not stop another's.
  [ "$(cat "/proc/$process/comm" 2>/dev/null)" = "$daemon" ] || { rm -f "$file"; continue; }
  kill -TERM "$process"
  for ((n = 0; n < 100; n++)); do kill -0 "$process" 2>/dev/null || break; sleep 0.1; done
  kill -0 "$process" 2>/dev/null && kill -KILL "$process"
  rm -f "$file"
done
exit 0
