#!/bin/bash
# Real Kubernetes clusters on one machine: built from Debian 12's source package, without systemd.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for part in settings ../shell/processes ../shell/packages build; do
  # shellcheck disable=SC1090
  . "$here/$part.sh"
done
mkdir -p "$stack" "$logs" "$run"
case ${1:-} in
  build)
    # shellcheck disable=SC2086
    install_packages $packages
    build
    ;;
esac
