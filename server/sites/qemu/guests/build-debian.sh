#!/bin/bash
# Builds the Debian 12 guest: systemd, cloud-init, OpenSSH, QEMU guest agent on a disk of 2 GiB that grows with the
# flavor.
#   usage: build-debian.sh OUT      writes OUT/debian.qcow2; as root, or as a user with a range in /etc/subuid
set -euo pipefail
out=$(realpath -m "${1:?folder for the image}")
. "$(dirname "$0")/build.sh"
stamp=$(fingerprint "$here"/build.sh "$here"/build-debian.sh "$here"/debian/*)
if is_current "$out" debian "$stamp"; then exit 0; fi

mkdir -p "$out"
work=$out/.debian
tree=$work/root
remove_work() { rm -rf "$work" 2>/dev/null || unshare --map-auto --map-root-user rm -rf "$work"; }
# The second half, inside a user namespace, must not clean up what the first half still needs.
[ "${stage:-tree}" = tree ] && { remove_work; trap remove_work EXIT; mkdir -p "$work"; }

# The tree: no recommended packages, no documentation, an initramfs with a short list of modules.
make_tree() {
  local mode=$1 target=$2
  mmdebstrap --quiet --variant=minbase --mode="$mode" --components=main \
    --include=systemd-sysv,dbus,udev,openssh-server,cloud-init,qemu-guest-agent,linux-image-cloud-amd64,initramfs-tools \
    --include=zstd,ifupdown,isc-dhcp-client,iproute2,ca-certificates,sudo,e2fsprogs,fdisk,cloud-guest-utils,less \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d"' \
    --essential-hook="copy-in $here/debian/modules /etc/initramfs-tools" \
    --essential-hook='printf "MODULES=list\nCOMPRESS=zstd\nRESUME=none\n" >"$1/etc/initramfs-tools/conf.d/guest"' \
    --customize-hook='echo debian >"$1/etc/hostname"' \
    --customize-hook='echo "LABEL=root / ext4 defaults,noatime,errors=remount-ro 0 1" >"$1/etc/fstab"' \
    --customize-hook="copy-in $here/debian/90_edgeyard.cfg /etc/cloud/cloud.cfg.d" \
    --customize-hook="copy-in $here/debian/grub.cfg /boot/grub" \
    --customize-hook='chroot "$1" systemctl enable serial-getty@ttyS0.service ssh >/dev/null 2>&1' \
    --customize-hook='chroot "$1" passwd --lock root >/dev/null' \
    --customize-hook='rm -f "$1"/etc/ssh/ssh_host_*; : >"$1/etc/machine-id"' \
    --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/log/*.log' \
    --essential-hook='mkdir -p "$1/boot/grub"' \
    bookworm "$target" "${sources[@]}"
}

# The machine's own sources are the ones that can be reached from here (a mirror, a proxy); else Debian's.
sources=()
[ -e /etc/apt/sources.list.d/debian.sources ] && sources=(/etc/apt/sources.list.d/debian.sources)
[ ${#sources[@]} = 0 ] && grep -qs '^deb .*bookworm' /etc/apt/sources.list && sources=(/etc/apt/sources.list)

finish() {
  say "disk"
  make_disk "$tree" root 2048 "$work" "$work/debian.qcow2"
}

if [ "$(id -u)" = 0 ] && [ "${stage:-tree}" = tree ]; then
  say "packages of the root file system"
  make_tree root "$tree"
  finish
elif [ "${stage:-tree}" = tree ]; then
  say "packages of the root file system"
  make_tree unshare "$work/root.tar"
  # Only a user namespace can unpack the files with their owners, which mke2fs copies into the image.
  stage=disk unshare --map-auto --map-root-user bash "$0" "$out"
else
  mkdir -p "$tree"
  tar -x --exclude='./dev/*' -C "$tree" -f "$work/root.tar"
  finish
  exit 0
fi
cd / && mv "$work/debian.qcow2" "$out/debian.qcow2" && echo "$stamp" >"$out/debian.stamp"
say "debian.qcow2, $(($(stat -c %s "$out/debian.qcow2") / 1048576)) MiB"
