# Sourced by stack.sh: the distribution's packages (Debian 12 carries OpenStack Zed), installed only when missing.

packages="keystone glance-api placement-api nova-api nova-conductor nova-scheduler nova-compute nova-compute-qemu
 nova-consoleproxy neutron-server neutron-linuxbridge-agent neutron-dhcp-agent neutron-l3-agent neutron-metadata-agent
 heat-api heat-engine python3-openstackclient python3-heatclient python3-pymysql python3-memcache mariadb-server
 rabbitmq-server memcached libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils novnc uwsgi-core
 uwsgi-plugin-python3 genisoimage iproute2 ipset iptables ebtables conntrack dnsmasq-base haproxy procps sudo openssl
 openssh-client curl"

install_packages() {
  local missing=() package installed blocked=no
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' 2>/dev/null | sed -n 's/ ii *$//p')
  for package in $packages; do grep -qx "$package" <<<"$installed" || missing+=("$package"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "this machine has no apt-get; missing: ${missing[*]}"
  say "installing ${#missing[@]} packages and what they need"
  # No package may start its daemon: ours run with their own settings. A policy that is there already stays.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    blocked=yes
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >"$logs/apt.log" 2>&1 || true
  apt_install --download-only
  say "$(grep -E '^Need to get|^[0-9]+ upgraded' "$logs/apt.log" | tr '\n' ' ')downloaded"
  apt_install
  [ $blocked = no ] || rm -f /usr/sbin/policy-rc.d
  say "packages installed"
}

apt_install() {
  apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" "${missing[@]}" \
    >>"$logs/apt.log" 2>&1 </dev/null && return
  [ $blocked = no ] || rm -f /usr/sbin/policy-rc.d
  tail -20 "$logs/apt.log" >&2
  fail "apt-get could not install the packages: $logs/apt.log"
}
