# Sourced by the two builders: how a folder tree becomes a bootable qcow2 without root, loop devices or mounts.

PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# say TEXT… — one line of progress
say() { echo "$*"; }

# fingerprint FILE… — changes when anything that makes the image changes
fingerprint() { cat "$@" | sha256sum | cut -d' ' -f1; }

# is_current OUT NAME FINGERPRINT — whether the image was built from exactly this
is_current() { [ -s "$1/$2.qcow2" ] && [ "$(cat "$1/$2.stamp" 2>/dev/null)" = "$3" ]; }

# make_disk TREE LABEL SIZE_MIB WORK TARGET — one ext4 partition at 1 MiB filled from TREE, GRUB for BIOS before it.
# GRUB's own installer needs a block device; its two parts are put where the BIOS and boot.img's default block list
# (sector 1) look for them.
make_disk() {
  local tree=$1 label=$2 size=$3 work=$4 target=$5 raw=$4/disk.raw grub=/usr/lib/grub/i386-pc
  rm -f "$raw"
  truncate -s "${size}M" "$raw"
  printf 'label: dos\n2048,,83,*\n' | sfdisk -q "$raw"
  mke2fs -q -t ext4 -L "$label" -m 1 -O '^metadata_csum_seed,^orphan_file' \
    -E offset=1048576,lazy_itable_init=0 -d "$tree" "$raw" "$((size - 1))M"
  printf 'search --no-floppy --label %s --set=root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n' \
    "$label" >"$work/early.cfg"
  grub-mkimage -O i386-pc -d $grub -c "$work/early.cfg" -p /boot/grub -o "$work/core.img" \
    biosdisk part_msdos ext2 search search_label configfile linux normal echo serial terminal
  dd if=$grub/boot.img of="$raw" bs=440 count=1 conv=notrunc status=none
  dd if="$work/core.img" of="$raw" bs=512 seek=1 conv=notrunc status=none
  qemu-img convert -f raw -O qcow2 -c -o compression_type=zstd -m 4 -W "$raw" "$target"
  rm -f "$raw"
}
