# Sourced by stack.sh: the host's side of the two flat networks, and what neutron's agents leave behind.

connect_networks() {
  sysctl -qw net.bridge.bridge-nf-call-iptables=1 2>/dev/null || true
  connect_network provider "$provider_net"
  connect_network external "$external_net"
  keep_inside "$tenant_net"
}

# connect_network NAME A.B.C — a veth pair. The host's address sits on its own end and not on neutron's bridge, so that
# what it sends to a guest crosses the bridge and meets the security groups.
connect_network() {
  local host_end=ey-$1-a bridge_end=ey-$1-b
  ip link show "$host_end" >/dev/null 2>&1 || ip link add "$host_end" type veth peer name "$bridge_end"
  sysctl -qw "net.ipv6.conf.$host_end.disable_ipv6=1" "net.ipv6.conf.$bridge_end.disable_ipv6=1" 2>/dev/null || true
  ip link set "$host_end" up
  ip link set "$bridge_end" up
  ip addr replace "$2.1/24" dev "$host_end"
  keep_inside "$2"
}

# keep_inside A.B.C — nothing for the range leaves by the default route: not for a network behind a router, and not for
# one whose pair has vanished
keep_inside() { ip route replace unreachable "$1.0/24" metric 4096; }

# The networks' name spaces, bridges, taps and firewall chains. Only neutron makes things with these names.
remove_networks() {
  local name network
  for name in $(ip netns list 2>/dev/null | awk '/^q(dhcp|router)-/ {print $1}'); do ip netns del "$name"; done
  for network in provider external; do
    ip link del "ey-$network-a" 2>/dev/null || true
  done
  for network in "$provider_net" "$external_net" "$tenant_net"; do
    ip route del unreachable "$network.0/24" metric 4096 2>/dev/null || true
  done
  for name in $(ip -br link | awk '{sub(/@.*/, "", $1); print $1}' | grep -E '^(brq|tap)[0-9a-f]{8}-[0-9a-f]{2}$'); do
    ip link del "$name" 2>/dev/null || true
  done
  for name in filter raw mangle nat; do remove_chains "$name"; done
  remove_bridge_chains
}

remove_chains() {
  local rule chain
  iptables -t "$1" -S 2>/dev/null | grep -E '^-A .*neutron-' | sed 's/^-A/-D/' | while read -r rule; do
    echo "$rule" | xargs iptables -t "$1" 2>/dev/null || true
  done || true
  iptables -t "$1" -S 2>/dev/null | awk '$1 == "-N" && $2 ~ /^neutron-/ {print $2}' | while read -r chain; do
    iptables -t "$1" -F "$chain" && iptables -t "$1" -X "$chain"
  done 2>/dev/null || true
}

# Those against forged addresses, which stand before the bridges.
remove_bridge_chains() {
  local rule chain
  ebtables -t nat -L PREROUTING 2>/dev/null | grep -- '-j neutron' | while read -r rule; do
    # shellcheck disable=SC2086
    ebtables -t nat -D PREROUTING $rule || true
  done || true
  ebtables -t nat -L 2>/dev/null | sed -n 's/^Bridge chain: \(neutron[^,]*\),.*/\1/p' | while read -r chain; do
    ebtables -t nat -F "$chain" && ebtables -t nat -X "$chain"
  done || true
}
