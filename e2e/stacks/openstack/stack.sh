#!/bin/bash
# A real OpenStack on one machine, from Debian 12's packages and without systemd: keystone, glance, placement, nova with
# QEMU guests, neutron with routers and floating IPs, heat. Everything listens on the loopback address.
#   usage: stack.sh up | down [--wipe] | status | stop SERVICE | start SERVICE
#     up      installs, configures and starts what is missing; run it again to start what has died
#     down    stops it, state stays; --wipe also removes the state, the interfaces and the firewall chains
#     stop, start   one service, to see what its absence does
#   EDGEYARD_STACK                 folder of its state (/var/lib/edgeyard-openstack), with clouds.yaml and openrc files
#   EDGEYARD_STACK_TOKEN_SECONDS   how long a token lives (14400); `stop keystone`, then `start keystone` applies it
#   EDGEYARD_GUESTS                folder of the guest images (in the stack's own); tiny is built when it is missing
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$here/../../.." && pwd)
for part in settings ../shell/processes ../shell/packages configure network databases services; do
  # shellcheck disable=SC1090
  . "$here/$part.sh"
done
[ "$(id -u)" = 0 ] || exec sudo --preserve-env=EDGEYARD_STACK,EDGEYARD_STACK_TOKEN_SECONDS,EDGEYARD_GUESTS,PATH bash "$here/stack.sh" "$@"

# only_one_at_a_time SECONDS — waits that long for another run to end
only_one_at_a_time() {
  mkdir -p "$stack" "$logs" "$run"
  exec 9>"$stack/.lock"
  flock -w "$1" 9 || fail "another stack.sh is at work"
}

up() {
  only_one_at_a_time 0
  install_packages $packages
  configure
  connect_networks
  prepare_mysql
  # libvirtd this early because its first start takes long.
  for name in mysql epmd rabbit memcached libvirtd; do start_service "$name"; done
  wait_ready mysql
  make_databases
  wait_ready rabbit
  say "database and message queue answer"
  start_cloud
  build_guest
  seed cloud
  say "ready: OS_CLIENT_CONFIG_FILE=$stack/clouds.yaml (clouds admin and developer), or . $stack/openrc-admin"
}

# The order is the shortest way: conductor and placement before compute, neutron's server before its agents.
start_cloud() {
  start_service keystone
  start_service neutron-server
  wait_ready keystone
  [ -e "$stack/.identity" ] || { seed identity && touch "$stack/.identity"; }
  for name in placement nova-conductor nova-scheduler; do start_service "$name"; done
  for name in libvirtd placement nova-conductor; do wait_ready "$name"; done
  start_service nova-compute
  wait_ready neutron-server
  for name in neutron-linuxbridge neutron-dhcp neutron-l3 neutron-metadata nova-api glance-api nova-novncproxy \
    heat-engine heat-api; do start_service "$name"; done
  for name in glance-api nova-api nova-novncproxy heat-api; do wait_ready "$name"; done
  say "all services answer"
}

seed() {
  (cd "$project" && EDGEYARD_STACK=$stack EDGEYARD_GUESTS=$guests KEYSTONE_URL=$keystone_url \
    SERVICE_PASSWORD=$service_password DEVELOPER_PASSWORD=$developer_password ADMIN_PASSWORD=$admin_password \
    GLANCE_URL=http://$listen:$glance_port PLACEMENT_URL=http://$listen:$placement_port \
    NOVA_URL=http://$listen:$nova_port NEUTRON_URL=http://$listen:$neutron_port HEAT_URL=http://$listen:$heat_port \
    PROVIDER_NET=$provider_net EXTERNAL_NET=$external_net TENANT_NET=$tenant_net \
    node_modules/.bin/tsx e2e/stacks/openstack/seed.ts "$1" 9>&-) || fail "the seed failed"
}

build_guest() {
  bash "$project/server/sites/qemu/guests/build-tiny.sh" "$guests" >"$logs/guest.log" 2>&1 9>&- ||
    { tail -n 5 "$logs/guest.log" >&2; fail "the guest image could not be built"; }
}

down() {
  local name pid
  # An `up` that was just told to end may have a step to finish.
  only_one_at_a_time 120
  end_named /run/libvirt/qemu/instance-*.pid
  # All of OpenStack at once, because each takes seconds; what they stand on comes last, one after the other.
  for name in $services; do
    case $name in
      mysql | epmd | rabbit | memcached) ;;
      *) if pid=$(recorded "$name"); then kill -TERM "$pid" 2>/dev/null || true; fi ;;
    esac
  done
  for name in $(printf '%s\n' $services | tac); do stop_service "$name"; done
  # The agents' helpers for addresses and metadata, which a living agent would start again.
  end_named "$stack"/neutron/dhcp/*/pid "$stack"/neutron/external/pids/*
  say "stopped"
  [ "${1:-}" = --wipe ] || return 0
  remove_networks
  for name in /etc/libvirt/qemu/instance-*.xml; do
    if grep -qs "$stack/nova/instances" "$name"; then rm -f "$name"; fi
  done
  sed -i '/^# edgeyard begin/,/^# edgeyard end/d' /etc/libvirt/qemu.conf 2>/dev/null || true
  find "$stack" -mindepth 1 -maxdepth 1 ! -name guests -exec rm -rf {} +
  say "wiped"
}

# end_named FILE… — what nova and neutron leave running: told by pid files, and only when the command line names this
# stack's folder
end_named() {
  local file pid
  for file in "$@"; do
    [ -s "$file" ] || continue
    pid=$(cat "$file")
    if grep -qsa "$stack/" "/proc/$pid/cmdline"; then end_process "$pid"; fi
  done
}

status() {
  local name pid stopped=0
  for name in $services; do
    if pid=$(recorded "$name"); then printf '%-22s runs, pid %s\n' "$name" "$pid"
    else
      printf '%-22s stopped\n' "$name"
      stopped=$((stopped + 1))
    fi
  done
  [ $stopped = 0 ]
}

guests=${EDGEYARD_GUESTS:-$stack/guests}
case ${1:-} in
  up) up ;;
  down) down "${2:-}" ;;
  status) status ;;
  stop)
    [ -d "$run" ] || fail "there is no stack at $stack"
    stop_service "${2:?which service?}"
    ;;
  start)
    configure
    start_service "${2:?which service?}"
    wait_ready "$2"
    ;;
  *)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$here/stack.sh"
    exit 2
    ;;
esac
