#!/bin/bash
# Pid 1 of a node: it lives in namespaces of its own (network, mounts, processes, names), started by stack.sh only. When it
# is killed, the kernel ends every process of the node and drops its mounts and interfaces.
#   NODE name, DIR folder of its state, ADDRESS, ROUTES "range:via …", BIN,
#   PODS range of all pods, PAUSE image and PAUSE_TAR its file, LOGS folder
set -eu
mount --make-rshared /
hostname "$NODE"
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/log
mount -t tmpfs -o mode=755 tmpfs /var/lib/cni
mkdir -p /run/containerd /run/lock /run/netns /run/settings /var/log/pods /var/log/containers
mount --bind "$DIR/kubelet" /var/lib/kubelet
mount --bind "$DIR/containerd" /var/lib/containerd

# The kubelet writes these for the whole machine. It gets to see files that hold what it wants, and writes nothing.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  path=${setting%=*}
  echo "${setting#*=}" >"/run/settings/${path//\//.}"
  mount --bind "/run/settings/${path//\//.}" "/proc/sys/$path"
done

ip link set lo up
until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done
ip addr add "$ADDRESS/24" dev eth0
ip link set eth0 up
# No default route: nothing of the cluster can leave the machine.
for route in $ROUTES; do ip route add "${route%%:*}" via "${route#*:}"; done
echo 1 >/proc/sys/net/ipv4/ip_forward
if [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]; then echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables; fi

# keep NAME COMMAND… — starts it again when it ends, as a service manager does
keep() {
  local name=$1
  shift
  while :; do
    "$@" >>"$LOGS/$NODE-$name.log" 2>&1 || true
    sleep 1
  done
}

keep containerd containerd --config "$DIR/containerd.toml" &
until ctr version >/dev/null 2>&1; do sleep 0.1; done
ctr -n k8s.io images ls -q | grep -qx "$PAUSE" || ctr -n k8s.io images import "$PAUSE_TAR" >/dev/null
# The kubelet's built-in credentials plug-in would wait for a cloud's metadata service.
export AWS_EC2_METADATA_DISABLED=true
keep kubelet "$BIN/kubelet" --config "$DIR/kubelet.yaml" --kubeconfig "$DIR/kubelet.kubeconfig" --v 2 \
  --hostname-override "$NODE" --node-ip "$ADDRESS" --pod-infra-container-image "$PAUSE" \
  --container-runtime remote --container-runtime-endpoint unix:///run/containerd/containerd.sock &
# Connection tracking limits are the machine's and cannot be written from here.
keep kube-proxy "$BIN/kube-proxy" --kubeconfig "$DIR/proxy.kubeconfig" --hostname-override "$NODE" --proxy-mode iptables \
  --cluster-cidr "$PODS" --conntrack-max-per-core 0 --conntrack-tcp-timeout-established 0 \
  --conntrack-tcp-timeout-close-wait 0 --oom-score-adj 0 &
wait
