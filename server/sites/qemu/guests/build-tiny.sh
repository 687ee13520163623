#!/bin/bash
# Builds the tiny guest: Debian's cloud kernel, busybox, dropbear with an SFTP server and the QEMU guest agent on a
# disk of 128 MiB that grows with the flavor. Reads a NoCloud seed or an OpenStack config drive. Boots in seconds even
# without hardware help.
#   usage: build-tiny.sh OUT      writes OUT/tiny.qcow2 and OUT/vmlinuz; needs apt-get, but no root
set -euo pipefail
out=$(realpath -m "${1:?folder for the image}")
. "$(dirname "$0")/build.sh"
stamp=$(fingerprint "$here"/build.sh "$here"/build-tiny.sh "$here"/tiny/*)
if is_current "$out" tiny "$stamp" && [ -s "$out/vmlinuz" ]; then exit 0; fi

mkdir -p "$out"
work=$out/.tiny
rm -rf "$work"
mkdir -p "$work"/{debs,unpacked,root,initramfs}
trap 'rm -rf "$work"' EXIT

packages="busybox-static dropbear-bin openssh-sftp-server qemu-guest-agent e2fsprogs
  libc6 libgcc-s1 libcrypt1 libtomcrypt1 libtommath1 libgmp10 zlib1g libglib2.0-0 libpcre2-8-0 libudev1 liburing2
  libnuma1 libext2fs2 libcom-err2 libblkid1 libuuid1"
say "downloading packages"
kernel_package() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image-[0-9]/ {print $2; exit}'; }
if [ -z "$(kernel_package)" ] && [ "$(id -u)" = 0 ]; then apt-get update -qq; fi
# Run by root, apt warns that its download user may not write here; the packages arrive all the same.
(cd "$work/debs" && apt-get -qq download "$(kernel_package)" $packages 2>"$work/apt.log") ||
  { cat "$work/apt.log" >&2; exit 1; }
for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$work/unpacked"; done
unpacked=$work/unpacked root=$work/root initramfs=$work/initramfs
release=$(ls "$unpacked/lib/modules")
depmod -b "$unpacked" "$release"

# copy_modules TARGET NAME… — the modules with what they need, and the order to load them in. Names that this
# kernel has built in or lacks are passed over.
copy_modules() {
  local target=$1 name
  shift
  mkdir -p "$target"
  for name in "$@"; do
    modprobe -d "$unpacked" -S "$release" -C /dev/null -D "$name" 2>/dev/null | awk '/^insmod/ {print $2}' || true
  done | awk '!seen[$0]++' | while read -r module; do
    cp "$module" "$target/"
    basename "$module"
  done >"$target/order"
}

say "first root file system"
mkdir -p "$initramfs"/{bin,dev,proc,sys,root}
copy_modules "$initramfs/mod" virtio_pci virtio_blk virtio_scsi sd_mod ata_piix ahci ext4
cp "$unpacked/bin/busybox" "$initramfs/bin/"
ln -s busybox "$initramfs/bin/sh"
install -m 755 "$here/tiny/initramfs-init" "$initramfs/init"
(cd "$initramfs" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -n -9 >"$work/initrd.img")

say "root file system"
cd "$root"
mkdir -p bin sbin dev proc sys run tmp root var/log mnt/seed home usr/bin usr/sbin usr/lib/openssh boot/grub \
  etc/init.d etc/dropbear etc/udhcpc etc/acpi lib/x86_64-linux-gnu lib64 usr/lib
ln -s ../../lib/x86_64-linux-gnu usr/lib/x86_64-linux-gnu
ln -s ../run var/run
cp "$unpacked/bin/busybox" bin/
for applet in $("$unpacked/bin/busybox" --list); do [ "$applet" = busybox ] || ln -sf /bin/busybox "bin/$applet"; done
for applet in init getty reboot poweroff halt; do ln -sf /bin/busybox "sbin/$applet"; done
cp "$unpacked/usr/sbin/dropbear" "$unpacked/usr/bin/dropbearkey" usr/sbin/
cp "$unpacked/usr/sbin/qemu-ga" usr/sbin/
cp "$unpacked/sbin/resize2fs" sbin/
cp "$unpacked/usr/lib/openssh/sftp-server" usr/lib/openssh/
ln -s openssh/sftp-server usr/lib/sftp-server
find "$unpacked/lib/x86_64-linux-gnu" "$unpacked/usr/lib/x86_64-linux-gnu" -maxdepth 1 -name '*.so.*' \
  -exec cp -a {} lib/x86_64-linux-gnu/ \;
cp -a "$unpacked"/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 lib/x86_64-linux-gnu/
ln -s ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 lib64/
copy_modules "lib/modules/$release" virtio_net virtio_console virtio_rng virtio_balloon isofs nls_utf8 vfat sr_mod \
  evdev button
for file in inittab passwd shadow group issue os-release; do cp "$here/tiny/$file" etc/; done
chmod 600 etc/shadow
echo tiny >etc/hostname
echo /bin/sh >etc/shells
touch etc/fstab
install -m 755 "$here/tiny/rcS" etc/init.d/rcS
install -m 755 "$here/tiny/dhcp" etc/udhcpc/default.script
install -m 755 "$here/tiny/shutdown" sbin/shutdown
install -m 755 "$here/tiny/power-button" etc/acpi/power-button
printf 'EV_KEY 0x1 KEY_POWER 116 1 button/power PWRF 00000080\n' >etc/acpi.map
printf 'button/power power-button\n' >etc/acpid.conf
cp "$unpacked/boot/vmlinuz-$release" boot/vmlinuz
cp "$work/initrd.img" boot/initrd.img
cp "$here/tiny/grub.cfg" boot/grub/grub.cfg

say "disk"
cd "$work"
export -f make_disk
as_owner=
[ "$(id -u)" = 0 ] || as_owner=fakeroot
$as_owner bash -c 'chown -R 0:0 "$1" && make_disk "$1" tiny 128 "$2" "$2/tiny.qcow2"' - "$root" "$work"
cp "$unpacked/boot/vmlinuz-$release" "$out/.vmlinuz.new" && mv "$out/.vmlinuz.new" "$out/vmlinuz"
cd / && mv "$work/tiny.qcow2" "$out/tiny.qcow2" && echo "$stamp" >"$out/tiny.stamp"
say "tiny.qcow2, $(($(stat -c %s "$out/tiny.qcow2") / 1048576)) MiB"
