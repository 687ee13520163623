# Sourced by stack.sh: where everything of the stack lives and listens. Ports are a cloud's usual ones where clients
# see them; the database and the queue keep away from a system-wide installation's.

stack=${EDGEYARD_STACK:-/var/lib/edgeyard-openstack}
listen=127.0.0.1
token_seconds=${EDGEYARD_STACK_TOKEN_SECONDS:-14400}
console_seconds=${EDGEYARD_STACK_CONSOLE_SECONDS:-600}

keystone_port=5000 glance_port=9292 placement_port=8778 nova_port=8774 metadata_port=8775
console_port=6080 neutron_port=9696 heat_port=8004
database_port=13306 queue_port=15671 queue_peer_port=25671 epmd_port=14369 memcached_port=11311
keystone_url=http://$listen:$keystone_port/v3

# Flat provider network, external network of the routers, and the developer's own network behind a router. Each of the
# first two has a veth pair: one end goes into neutron's bridge, the host keeps the other with the .1 address.
provider_net=10.77.1 external_net=10.78.1 tenant_net=10.79.1

logs=$stack/log
run=$stack/run
etc=$stack/etc

# The distribution's Python and tools, not those of a version manager that happens to be first; Node stays reachable.
node_folder=$(dirname "$(command -v node)")
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$node_folder
export LC_ALL=C.UTF-8
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP RABBITMQ_NODENAME
while read -r variable; do unset "$variable"; done < <(compgen -e | grep '^OS_')

# Services in the order in which they can start; they stop in the reverse order.
services="mysql epmd rabbit memcached libvirtd keystone neutron-server placement nova-conductor nova-scheduler
 nova-compute neutron-linuxbridge neutron-dhcp neutron-l3 neutron-metadata nova-api glance-api nova-novncproxy
 heat-engine heat-api"

# Debian 12 carries OpenStack Zed.
packages="keystone glance-api placement-api nova-api nova-conductor nova-scheduler nova-compute nova-compute-qemu
 nova-consoleproxy neutron-server neutron-linuxbridge-agent neutron-dhcp-agent neutron-l3-agent neutron-metadata-agent
 heat-api heat-engine python3-openstackclient python3-heatclient python3-pymysql python3-memcache mariadb-server
 rabbitmq-server memcached libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils novnc uwsgi-core
 uwsgi-plugin-python3 genisoimage iproute2 ipset iptables ebtables conntrack dnsmasq-base haproxy procps sudo openssl
 openssh-client curl"
