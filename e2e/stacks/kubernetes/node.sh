# Sourced by stack.sh: the nodes of a cluster.

# start_node I — as namespaces of this machine's with a containerd, a kubelet and a kube-proxy of their own
start_node() {
  local index=$1 name=$cluster-n$1 address=$wire.$((10 + $1)) other routes=$host_address/32:$wire.1
  local node=$folder/$name
  recorded "$name" >/dev/null && return
  mkdir -p "$node/kubelet" "$node/containerd" "$node/cni"
  # Only mount points: each node sees its own folder here.
  mkdir -p /var/lib/kubelet /var/lib/containerd /var/lib/cni
  configure_node
  make_cgroups "edgeyard-test/$cluster/n$index"
  for ((other = 1; other <= nodes; other++)); do
    [ "$other" = "$index" ] || routes+=" $pods.$other.0/24:$wire.$((10 + other))"
  done
  date -u +%FT%TZ >"$run/$name.since"
  launch "$name" env -i PATH="$PATH" LC_ALL="$LC_ALL" NODE="$name" DIR="$node" LOGS="$logs" BIN="$bin" ADDRESS="$address" \
    ROUTES="$routes" PODS="$pods.0.0/16" PAUSE="$pause_image" PAUSE_TAR="$images/pause.tar" \
    unshare --net --mount --pid --uts --ipc --fork --kill-child=SIGKILL --mount-proc --propagation private \
    bash "$here/node-main.sh"
  wait_for "$name" own_network "$name"
  inside wire ip link del "node$index" 2>/dev/null || true
  ip link add "node$index" netns "$(recorded wire)" type veth peer name eth0 netns "$(recorded "$name")"
  inside wire ip link set "node$index" master bridge0 up
  ip route replace "$pods.$index.0/24" via "$address" dev "eyk$number"
}

configure_node() {
  (
    cd "$folder/pki"
    [ -e "$name.kubeconfig" ] || login "$name" "/O=system:nodes/CN=system:node:$name" "IP:$address,DNS:$name"
    install -m 600 "$name.kubeconfig" "$node/kubelet.kubeconfig"
    install -m 600 proxy.kubeconfig "$node/proxy.kubeconfig"
  )
  echo "# There is no name server." >"$node/resolv.conf"
  cat >"$node/containerd.toml" <<END
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]
[plugins."io.containerd.internal.v1.opt"]
  path = "/run/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$pause_image"
  # Machines that lack CAP_SYS_RESOURCE may not make a process less likely to be killed.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$node/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$stack/registries"
END
  cat >"$node/cni/10-bridge.conflist" <<END
{ "cniVersion": "0.4.0", "name": "pods", "plugins": [
  { "type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "ipMasq": false, "hairpinMode": true,
    "ipam": { "type": "host-local", "ranges": [[{ "subnet": "$pods.$index.0/24" }]] } },
  { "type": "portmap", "capabilities": { "portMappings": true } } ] }
END
  cat >"$node/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: $folder/pki/ca.crt } }
authorization: { mode: Webhook }
tlsCertFile: $folder/pki/$name.crt
tlsPrivateKeyFile: $folder/pki/$name.key
cgroupDriver: cgroupfs
cgroupRoot: /edgeyard-test/$cluster/n$index
failSwapOn: false
oomScoreAdj: 0
resolvConf: $node/resolv.conf
volumePluginDir: $node/plugins
nodeStatusUpdateFrequency: 1s
nodeStatusMaxImages: -1
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: { memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1% }
registryPullQPS: 0
eventRecordQPS: 0
END
}

# make_cgroups PATH — the kubelet wants its root to be there; without one of its own, two kubelets end each other's pods
make_cgroups() {
  local hierarchy group part
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    group=/sys/fs/cgroup
    for part in ${1//\// }; do
      sed 's/\<\([a-z]\)/+\1/g' "$group/cgroup.controllers" >"$group/cgroup.subtree_control" 2>/dev/null || true
      group=$group/$part
      mkdir -p "$group"
    done
    return
  fi
  for hierarchy in /sys/fs/cgroup/*/; do
    [ -e "$hierarchy/cgroup.procs" ] || continue
    group=${hierarchy%/}
    for part in ${1//\// }; do
      mkdir -p "$group/$part"
      # A new group of this hierarchy has no processors and no memory until it is given some.
      if [ -e "$group/cpuset.cpus" ]; then
        cat "$group/cpuset.cpus" >"$group/$part/cpuset.cpus"
        cat "$group/cpuset.mems" >"$group/$part/cpuset.mems"
      fi
      group=$group/$part
    done
  done
}

remove_cgroups() {
  local hierarchy
  for hierarchy in /sys/fs/cgroup/ /sys/fs/cgroup/*/; do
    [ -d "$hierarchy/edgeyard-test/$cluster" ] || continue
    find "$hierarchy/edgeyard-test/$cluster" -depth -type d -exec rmdir {} + 2>/dev/null || return 1
    rmdir "$hierarchy/edgeyard-test" 2>/dev/null || true
  done
}
