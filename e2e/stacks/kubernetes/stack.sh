#!/bin/bash
# Real Kubernetes clusters on one machine, from Debian 12's source package and without systemd: etcd, the servers, and
# nodes that are namespaces with a containerd, a kubelet and a kube-proxy each.
#   usage: stack.sh up [CLUSTER…] | down [CLUSTER…] [--wipe] | status | stop CLUSTER NAME | start CLUSTER NAME
#                   | registry HOST:PORT http|CA-FILE | build
#     up         installs, builds (once, 5 to 10 minutes) and starts what is missing; without names edge1 and edge2
#     down       stops it, state stays; --wipe also removes the state, but not what was built
#     stop, start   one process, to see what its absence does: a node (edge1-n2), apiserver, etcd, …
#     registry   lets the nodes pull from a registry, over http or with a certificate of this authority
#     build      only installs and builds
#   EDGEYARD_KUBERNETES   folder of its state (/var/lib/edgeyard-kubernetes), with CLUSTER/kubeconfig
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$here/../../.." && pwd)
for part in settings ../shell/processes ../shell/packages build cluster node; do
  # shellcheck disable=SC1090
  . "$here/$part.sh"
done
[ "$(id -u)" = 0 ] || exec sudo --preserve-env=EDGEYARD_KUBERNETES,PATH bash "$here/stack.sh" "$@"

# only_one_at_a_time SECONDS — waits that long for another run to end
only_one_at_a_time() {
  mkdir -p "$logs" "$run" "$stack/registries"
  exec 9>"$stack/.lock"
  flock -w "$1" 9 || fail "another stack.sh is at work"
}

prepare() {
  local wanted=$packages
  command -v kubectl >/dev/null || wanted="$wanted kubernetes-client"
  # shellcheck disable=SC2086
  install_packages $wanted
  build
  [ "$images/pause.tar" -nt "$bin/pause" ] || pack_pause_image
}

pack_pause_image() {
  mkdir -p "$images"
  (cd "$project" && node_modules/.bin/tsx e2e/stacks/kubernetes/pause-image.ts "$bin/pause" "$pause_image" \
    "$images/pause.tar" 9>&-) || fail "the pause image could not be packed"
}

up() {
  local name
  only_one_at_a_time 600
  prepare
  for name in "$@"; do
    use_cluster "$name"
    make_cluster
  done
}

down() {
  local name wipe=no names=()
  for name in "$@"; do if [ "$name" = --wipe ]; then wipe=yes; else names+=("$name"); fi; done
  # An `up` that was just told to end may have a step to finish.
  only_one_at_a_time 120
  [ ${#names[@]} -gt 0 ] || mapfile -t names < <(known_clusters)
  for name in "${names[@]}"; do
    use_cluster "$name"
    stop_cluster
    [ $wipe = no ] || rm -rf "$folder"
  done
  # Other clusters and Docker hosts stand on the address, too; their interfaces tell of them.
  ip -br link | grep -qE '^ey[dk][0-9]' || ip addr del "$host_address/32" dev lo 2>/dev/null || true
  # /var/lib/kubelet and /var/lib/containerd stay: to remove a folder that is a mount point in another mount namespace
  # would unmount it there.
  say "stopped"
}

stop_cluster() {
  local index
  for ((index = 1; index <= nodes; index++)); do stop_node "$index"; done
  # The servers keep no state, and one that is asked waits for its clients to leave.
  for name in scheduler controller-manager apiserver; do kill_service "$name"; done
  stop_service etcd
  ip link del "eyk$number" 2>/dev/null || true
  kill_service wire
  for ((index = 0; index < 50; index++)); do
    remove_cgroups && return
    sleep 0.1
  done
}

stop_node() {
  ip route del "$pods.$1.0/24" dev "eyk$number" 2>/dev/null || true
  kill_service "$cluster-n$1"
}

kill_service() {
  local pid
  if pid=$(recorded "$1"); then
    kill -KILL "$pid" 2>/dev/null || true
    while [ -n "$(start_time "$pid")" ]; do sleep 0.05; done
  fi
  rm -f "$run/$1.process"
}

known_clusters() { find "$stack" -maxdepth 1 -name 'edge[1-9]' -printf '%f\n' 2>/dev/null | sort; }

# Fails when a process of a cluster that was started does not run, and when there is none.
status() {
  local name process pid stopped=0 seen=0
  for name in $(known_clusters); do
    use_cluster "$name"
    for process in wire etcd apiserver controller-manager scheduler $(seq -f "$cluster-n%g" "$nodes"); do
      if pid=$(recorded "$process"); then
        printf '%-8s%-20s runs, pid %s\n' "$cluster" "$process" "$pid"
        seen=$((seen + 1))
      else
        printf '%-8s%-20s stopped\n' "$cluster" "$process"
        stopped=$((stopped + 1))
      fi
    done
  done
  [ $seen -gt 0 ] && [ $stopped = 0 ]
}

# trust_registry HOST:PORT http|CA-FILE — containerd reads these files at every pull
trust_registry() {
  local folder=$stack/registries/$1 scheme=https
  [ "$2" != http ] || scheme=http
  mkdir -p "$folder"
  {
    printf 'server = "%s://%s"\n[host."%s://%s"]\n  capabilities = ["pull", "resolve"]\n' $scheme "$1" $scheme "$1"
    if [ $scheme = https ]; then
      install -m 644 "$2" "$folder/ca.crt"
      printf '  ca = "%s"\n' "$folder/ca.crt"
    fi
  } >"$folder/hosts.toml"
}

command=${1:-}
shift || true
case $command in
  up) if [ $# -gt 0 ]; then up "$@"; else up edge1 edge2; fi ;;
  build)
    only_one_at_a_time 0
    prepare
    ;;
  down) down "$@" ;;
  status) status ;;
  stop | start)
    only_one_at_a_time 60
    use_cluster "${1:?which cluster?}"
    case $command:${2:?which process?} in
      stop:"$cluster"-n*) stop_node "${2##*-n}" ;;
      stop:*) kill_service "$2" ;;
      start:*) make_cluster ;;
    esac
    ;;
  registry) trust_registry "${1:?which registry?}" "${2:?http or the file of an authority?}" ;;
  *)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$here/stack.sh"
    exit 2
    ;;
esac
