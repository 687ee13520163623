import type { ToolInput } from './schemas';

/** The tools that ship with the app. Both work in a guest without a network. */
export const builtInTools: readonly (ToolInput & { id: string })[] = [
  {
    id: 'qemu-guest-agent',
    nameEn: 'QEMU guest agent check',
    nameZh: 'QEMU 客户机代理检查',
    descriptionEn:
      'Starts the guest agent if it is installed but not running, then asks the host whether it answers. Captures of a running VM are cleaner with it.',
    descriptionZh:
      '若代理已安装但未运行，则启动它，然后从宿主机侧确认其应答。有了它，对运行中的虚拟机制作镜像更干净。',
    version: '1.0.0',
    script: `set -eu
if ! command -v qemu-ga >/dev/null 2>&1 && ! [ -x /usr/sbin/qemu-ga ]; then
  echo "qemu-ga is not in this image. Install the package qemu-guest-agent and try again." >&2
  exit 1
fi
if pidof qemu-ga >/dev/null; then
  echo "The guest agent runs already."
elif command -v systemctl >/dev/null 2>&1; then
  systemctl start qemu-guest-agent
else
  PATH="$PATH:/usr/sbin" qemu-ga --daemonize
fi
`,
    files: [],
    checkCommand: 'pidof qemu-ga',
    timeoutSeconds: 60,
    needsAgent: true,
    givesIdentity: false,
  },
  {
    id: 'edgeyard-agent',
    nameEn: 'Edgeyard agent',
    nameZh: 'Edgeyard 代理',
    descriptionEn:
      'Writes the instance id of the app and the address and keys of the MEP to /etc/edgeyard, where the app finds them, and adds the command edgeyard-info.',
    descriptionZh:
      '将应用实例 ID 以及 MEP 的地址与密钥写入 /etc/edgeyard 供应用读取，并提供 edgeyard-info 命令。',
    version: '1.0.0',
    // The folder's identity.* come from the app; see identity.ts.
    script: `set -eu
umask 077
mkdir -p /etc/edgeyard /usr/local/bin
chmod 755 /etc/edgeyard
for name in identity.env identity.json; do
  # First beside, then in place: an app that reads meanwhile sees the old or the new file, never half of one.
  cp "$name" "/etc/edgeyard/.$name.new"
  mv "/etc/edgeyard/.$name.new" "/etc/edgeyard/$name"
done
cp edgeyard-info /usr/local/bin/.edgeyard-info.new
chmod 755 /usr/local/bin/.edgeyard-info.new
mv /usr/local/bin/.edgeyard-info.new /usr/local/bin/edgeyard-info
echo "Wrote /etc/edgeyard/identity.env, /etc/edgeyard/identity.json and edgeyard-info."
`,
    files: [
      {
        name: 'edgeyard-info',
        content: `#!/bin/sh
# Prints what this VM knows of itself, without the keys.
grep -v -e '^EDGEYARD_MEP_ACCESS_KEY=' -e '^EDGEYARD_MEP_SECRET_KEY=' /etc/edgeyard/identity.env
`,
      },
    ],
    checkCommand: '/usr/local/bin/edgeyard-info | grep -q ^EDGEYARD_INSTANCE_ID=',
    timeoutSeconds: 60,
    needsAgent: false,
    givesIdentity: true,
  },
];
