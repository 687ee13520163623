# Sourced by stack.sh: the certificates and logins of a cluster, its wire and its servers.

make_cluster() {
  mkdir -p "$logs" "$run" "$folder/pki" "$folder/registries"
  chmod 700 "$folder" "$folder/pki"
  [ -e "$folder/pki/.made" ] || make_logins
  make_wire
  start_servers
  for ((i = 1; i <= nodes; i++)); do start_node "$i"; done
  wait_for apiserver all_ready
  # Pods cannot be made before the controllers have given the name space its account.
  wait_for controller-manager kubectl --kubeconfig "$kubeconfig" -n default get serviceaccount default
  say "$cluster is ready: KUBECONFIG=$kubeconfig"
}

# What the cluster knows of a node that was stopped still says "ready" for a while: only a report since its start counts.
all_ready() {
  local name index path='{range .status.conditions[?(@.type=="Ready")]}{.status} {.lastHeartbeatTime}{end}' ready reported
  for ((index = 1; index <= nodes; index++)); do
    name=$cluster-n$index
    read -r ready reported < <(kubectl --kubeconfig "$kubeconfig" get node "$name" -o "jsonpath=$path{'\n'}") || return 1
    [[ $ready == True && $reported > $(cat "$run/$name.since") ]] || return 1
  done
}

make_logins() {
  local names=IP:$wire.1,IP:127.0.0.1,IP:${services_range%.*}.1,DNS:kubernetes,DNS:kubernetes.default,DNS:localhost
  cd "$folder/pki"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=$cluster" \
    -keyout ca.key -out ca.crt 2>/dev/null
  certificate apiserver /CN=kube-apiserver "$names"
  certificate apiserver-to-kubelet /O=system:masters/CN=kube-apiserver-to-kubelet
  login admin /O=system:masters/CN=edgeyard-test-admin
  login controller-manager /CN=system:kube-controller-manager
  login scheduler /CN=system:kube-scheduler
  login proxy /CN=system:kube-proxy
  openssl genrsa -out accounts.key 2048 2>/dev/null
  openssl rsa -in accounts.key -pubout -out accounts.pub 2>/dev/null
  cd "$here"
  install -m 600 "$folder/pki/admin.kubeconfig" "$kubeconfig"
  touch "$folder/pki/.made"
}

# certificate NAME SUBJECT [ALTERNATIVE-NAMES] — in the current folder
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  printf 'extendedKeyUsage=clientAuth,serverAuth\n%s\n' "${3:+subjectAltName=$3}" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -extfile "$1.ext" -out "$1.crt" 2>/dev/null
}

# login NAME SUBJECT [ALTERNATIVE-NAMES] — a certificate, and a kubeconfig that holds all it needs
login() {
  certificate "$@"
  cat >"$1.kubeconfig" <<END
apiVersion: v1
kind: Config
current-context: $cluster
contexts:
  - { name: $cluster, context: { cluster: $cluster, user: $cluster-$1 } }
clusters:
  - name: $cluster
    cluster: { server: "https://$wire.1:$api_port", certificate-authority-data: $(base64 -w0 ca.crt) }
users:
  - name: $cluster-$1
    user: { client-certificate-data: $(base64 -w0 "$1.crt"), client-key-data: $(base64 -w0 "$1.key") }
END
}

# The bridge between the nodes has a network namespace of its own: the host's firewall, where a container engine may
# have set FORWARD to DROP, does not see what passes between nodes.
make_wire() {
  ip addr replace "$host_address/32" dev lo
  launch wire unshare --net sleep infinity
  wait_for wire own_network wire
  ip link show "eyk$number" >/dev/null 2>&1 && return
  inside wire ip link add bridge0 type bridge
  inside wire ip link set bridge0 up
  ip link add "eyk$number" type veth peer name host netns "$(recorded wire)"
  ip addr add "$wire.1/24" dev "eyk$number"
  ip link set "eyk$number" up
  inside wire ip link set host master bridge0 up
}

# own_network NAME — whether the process has already left the host's network namespace
own_network() {
  local pid
  pid=$(recorded "$1") && [ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# inside NAME COMMAND… — in the network namespace of a recorded process
inside() {
  local pid
  pid=$(recorded "$1") || fail "$1 of $cluster does not run"
  shift
  nsenter -t "$pid" -n "$@"
}

start_servers() {
  local pki=$folder/pki etcd=http://127.0.0.1:$etcd_port peer=http://127.0.0.1:$((etcd_port + 1))
  launch etcd etcd --data-dir "$folder/etcd" --logger zap --listen-client-urls "$etcd" --advertise-client-urls "$etcd" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer"
  launch apiserver "$bin/kube-apiserver" --etcd-servers "$etcd" --bind-address "$wire.1" --advertise-address "$wire.1" \
    --secure-port $api_port --service-cluster-ip-range $services_range --allow-privileged=true \
    --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" --client-ca-file "$pki/ca.crt" \
    --kubelet-client-certificate "$pki/apiserver-to-kubelet.crt" --kubelet-client-key "$pki/apiserver-to-kubelet.key" \
    --kubelet-preferred-address-types InternalIP --authorization-mode Node,RBAC \
    --enable-admission-plugins NodeRestriction --service-account-key-file "$pki/accounts.pub" \
    --service-account-signing-key-file "$pki/accounts.key" \
    --service-account-issuer https://kubernetes.default.svc
  wait_for apiserver kubectl --kubeconfig "$kubeconfig" get --raw /readyz
  launch controller-manager "$bin/kube-controller-manager" --kubeconfig "$pki/controller-manager.kubeconfig" \
    --bind-address 127.0.0.1 --port 0 --secure-port $((10300 + number * 4)) --leader-elect=false \
    --use-service-account-credentials --service-account-private-key-file "$pki/accounts.key" \
    --root-ca-file "$pki/ca.crt" --cluster-signing-cert-file "$pki/ca.crt" --cluster-signing-key-file "$pki/ca.key"
  launch scheduler "$bin/kube-scheduler" --kubeconfig "$pki/scheduler.kubeconfig" --leader-elect=false \
    --bind-address 127.0.0.1 --port 0 --secure-port $((10301 + number * 4)) \
    --authentication-kubeconfig "$pki/scheduler.kubeconfig" --authorization-kubeconfig "$pki/scheduler.kubeconfig"
}
