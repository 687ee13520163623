# Sourced by the stacks' stack.sh: the distribution's packages, installed only when missing.

# install_packages NAME… — without starting their daemons; $logs is the folder of the logs
install_packages() {
  local missing=() package installed blocked=no enabled
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' 2>/dev/null | sed -n 's/ ii *$//p')
  for package in "$@"; do grep -qx "$package" <<<"$installed" || missing+=("$package"); done
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
  enabled=$(enabled_units)
  say "$(grep -E '^Need to get|^[0-9]+ upgraded' "$logs/apt.log" | tr '\n' ' ')downloaded"
  apt_install
  keep_from_boot "$enabled"
  [ $blocked = no ] || rm -f /usr/sbin/policy-rc.d
  say "packages installed"
}

enabled_units() {
  systemctl list-unit-files --state=enabled --no-legend 2>/dev/null | awk '{print $1}' || true
}

# keep_from_boot UNITS — no daemon that came with a package starts with the machine, either; UNITS did before
keep_from_boot() {
  local unit
  for unit in $(enabled_units); do
    grep -qxF "$unit" <<<"$1" || systemctl --quiet disable "$unit" >>"$logs/apt.log" 2>&1 || true
  done
}

apt_install() {
  apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" "${missing[@]}" \
    >>"$logs/apt.log" 2>&1 </dev/null && return
  [ $blocked = no ] || rm -f /usr/sbin/policy-rc.d
  tail -20 "$logs/apt.log" >&2
  fail "apt-get could not install the packages: $logs/apt.log"
}
