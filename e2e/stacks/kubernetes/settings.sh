# Sourced by stack.sh: where everything lives, and the addresses. All of them are the machine's own: 10.89.0.1 on the
# loopback interface is where nodes reach the host (a test's registry listens there), 10.89.N.0/24 is the wire of the
# cluster edgeN (the host's end is .1, nodes count from .11), 10.(100+N).I.0/24 are the pods of its node I.

stack=${EDGEYARD_KUBERNETES:-/var/lib/edgeyard-kubernetes}
bin=$stack/bin
images=$stack/images
host_address=10.89.0.1
services_range=10.96.0.0/16
api_port=6443
pause_image=edgeyard.test/pause:1

logs=$stack/log
run=$stack/run

# The distribution's tools, not those of a version manager that happens to be first; Node stays reachable.
node_folder=$(dirname "$(command -v node)")
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$node_folder
export LC_ALL=C.UTF-8

packages="etcd-server containerd runc containernetworking-plugins iptables iproute2 conntrack util-linux procps openssl
 curl docker.io openssh-server openssh-client"
build_packages="golang-go dpkg-dev patch"
components="kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy"

# use_cluster NAME — edge1, edge2, …: sets the cluster's folder and addresses
use_cluster() {
  [[ $1 =~ ^edge([1-9])$ ]] || fail "clusters are called edge1 to edge9, not $1"
  cluster=$1
  number=${BASH_REMATCH[1]}
  folder=$stack/$cluster
  logs=$folder/log
  run=$folder/run
  kubeconfig=$folder/kubeconfig
  wire=10.89.$number
  pods=10.$((100 + number))
  etcd_port=$((23790 + number * 2))
  # The first cluster shows what several nodes change; one node is enough for the others.
  nodes=$([ "$number" = 1 ] && echo 2 || echo 1)
}
