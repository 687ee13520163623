#!/bin/bash
# From a machine with only Node and npm to one that can build and run Edgeyard: system packages, then npm packages.
# Plain shell, because it runs before anything of the project is installed. Does nothing that is already done.
#   usage: bootstrap.sh [--tests]      --tests also installs what only the test suite needs
set -euo pipefail
cd "$(dirname "$0")/../.."

# A path or command that proves the package is there | Debian's package | why it is needed
needs="
command:python3|python3|compiles the SQLite driver when no prebuilt one fits
command:make|make|compiles the SQLite driver when no prebuilt one fits
command:g++|g++|compiles the SQLite driver when no prebuilt one fits
command:qemu-system-x86_64|qemu-system-x86|runs the virtual machines
command:qemu-img|qemu-utils|reads, converts and checks disk images
file:/usr/lib/ipxe/qemu/efi-virtio.rom|ipxe-qemu|network boot firmware of the virtual machines
command:mmdebstrap|mmdebstrap|builds the Debian guest image
file:/usr/lib/grub/i386-pc/boot.img|grub-pc-bin|boot loader of the guest images
command:grub-mkimage|grub-common|writes the boot loader of the guest images
command:cpio|cpio|packs the guests' first root file system
command:mke2fs|e2fsprogs|makes the guests' file systems
command:sfdisk|fdisk|partitions the guests' disks
command:depmod|kmod|chooses the guests' kernel modules
command:zstd|zstd|compresses guest files
command:fakeroot|fakeroot|gives guest files their owners without root
command:newuidmap|uidmap|gives guest files their owners without root
command:docker-registry|docker-registry|keeps container images and disk images
"
test_needs="
command:chromium|chromium|drives the pages in the tests
file:/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc|fonts-noto-cjk|Chinese text in the screenshots
command:skopeo|skopeo|the other side of the registry tests
command:openssl|openssl|issues the tests' certificates
command:unzip|unzip|checks packages independently
command:sftp|openssh-client|the other side of the upload measurement
command:websockify|websockify|the other side of the console measurement
"
[ "${1:-}" = --tests ] && needs="$needs$test_needs"

major_minor=$(node -p 'process.versions.node.split(".").slice(0,2).join(" ")' 2>/dev/null || echo "0 0")
read -r major minor <<<"$major_minor"
if [ "$major" -lt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -lt 19 ]; }; then
  echo "Edgeyard needs Node 20.19 or newer; this is $(node --version 2>/dev/null || echo 'no Node')." >&2
  exit 1
fi

missing=()
while IFS='|' read -r probe package why; do
  [ -n "$probe" ] || continue
  case $probe in
    command:*) PATH="$PATH:/usr/sbin:/sbin" command -v "${probe#command:}" >/dev/null && continue ;;
    file:*) [ -e "${probe#file:}" ] && continue ;;
  esac
  missing+=("$package")
  printf '  missing: %-16s %s\n' "$package" "$why"
done <<<"$needs"

if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "Please install the packages above with your system's package tool, then run this again." >&2
    exit 1
  fi
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "Please run as root: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
  fi
  echo "Installing ${#missing[@]} system packages with apt …"
  # Edgeyard runs a registry of its own: the package's must neither start now nor with the machine. A policy that is there
  # already stays.
  policy=/usr/sbin/policy-rc.d
  if [[ " ${missing[*]} " == *" docker-registry "* && ! -e $policy ]]; then
    printf '#!/bin/sh\n[ "$1" = docker-registry ] && exit 101\nexit 0\n' | "${as_root[@]}" tee $policy >/dev/null
    "${as_root[@]}" chmod 755 $policy
    trap '"${as_root[@]}" rm -f $policy' EXIT
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >.bootstrap.log 2>&1 ||
    { tail -20 .bootstrap.log >&2; echo "apt could not install: ${missing[*]}" >&2; exit 1; }
  rm -f .bootstrap.log
  if [[ " ${missing[*]} " == *" docker-registry "* ]] && command -v systemctl >/dev/null; then
    "${as_root[@]}" systemctl --quiet disable docker-registry 2>/dev/null || true
  fi
fi

# npm keeps the lock it installed from; `npm ci` runs only when ours differs from the one recorded after the last run.
stamp=node_modules/.edgeyard-lock
lock=$(sha256sum package-lock.json | cut -d' ' -f1)-$(node -p process.versions.modules)
if [ "$(cat "$stamp" 2>/dev/null)" != "$lock" ]; then
  echo "Installing the npm packages (about two minutes the first time) …"
  npm ci --no-audit --no-fund --loglevel=error
  echo "$lock" >"$stamp"
fi
