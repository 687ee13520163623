# Sourced by the stacks' stack.sh: the distribution's packages, installed only when missing.

# install_packages NAME… — without starting their daemons; $logs is the folder of the logs
install_packages() {
  local missing=() package installed blocked=no
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
