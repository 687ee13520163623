/** Beginnings of user data for common wishes; their names are `workbench.create.snippets.<id>`. */
export const userDataSnippets = [
  {
    id: 'script',
    text: `#!/bin/sh
# Runs once as root at the first start.
echo "Hello from $(hostname)" > /etc/motd
`,
  },
  {
    id: 'packages',
    text: `#cloud-config
package_update: true
packages:
  - nginx
runcmd:
  - systemctl enable --now nginx
`,
  },
  {
    id: 'file',
    text: `#cloud-config
write_files:
  - path: /etc/myapp/config.json
    permissions: '0644'
    content: |
      {"port": 8080}
`,
  },
  {
    id: 'user',
    text: `#cloud-config
users:
  - default
  - name: developer
    shell: /bin/bash
    sudo: ALL=(ALL) NOPASSWD:ALL
    ssh_authorized_keys:
      - ssh-ed25519 AAAA… you@example
`,
  },
  {
    id: 'service',
    text: `#cloud-config
write_files:
  - path: /etc/systemd/system/myapp.service
    content: |
      [Unit]
      Description=My app
      After=network-online.target
      [Service]
      ExecStart=/opt/myapp/run
      Restart=on-failure
      [Install]
      WantedBy=multi-user.target
runcmd:
  - systemctl daemon-reload
  - systemctl enable --now myapp
`,
  },
] as const;
