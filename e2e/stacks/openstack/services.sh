# Sourced by stack.sh: how each service is started, and when it counts as ready.

# start_service NAME — does nothing for a service that runs
start_service() {
  local neutron="--config-file $etc/neutron.conf"
  local nova="--config-file $etc/nova.conf" with_database="--config-file $etc/nova-database.conf"
  recorded "$1" >/dev/null && return
  # shellcheck disable=SC2086
  case $1 in
    mysql) chown mysql "$run" && launch mysql mariadbd --defaults-file="$etc/my.cnf" ;;
    epmd | rabbit) "start_$1" ;;
    memcached) launch memcached memcached -u nobody -l "$listen" -p "$memcached_port" -m 64 -U 0 ;;
    libvirtd) launch libvirtd libvirtd -f "$etc/libvirtd.conf" -p "$run/libvirtd.pid" ;;
    keystone) serve keystone "$keystone_port" /usr/bin/keystone-wsgi-public "OS_KEYSTONE_CONFIG_DIR=$etc/keystone" ;;
    placement) serve placement "$placement_port" /usr/bin/placement-api "OS_PLACEMENT_CONFIG_DIR=$etc/placement" ;;
    nova-conductor | nova-scheduler | nova-api) launch "$1" "$1" $nova $with_database ;;
    nova-compute) launch nova-compute nova-compute $nova ;;
    nova-novncproxy) launch nova-novncproxy nova-novncproxy $nova $with_database --web /usr/share/novnc ;;
    neutron-server) launch neutron-server neutron-server $neutron ;;
    neutron-linuxbridge) launch neutron-linuxbridge env "PATH=$here/tools:$PATH" neutron-linuxbridge-agent $neutron ;;
    neutron-dhcp | neutron-l3 | neutron-metadata)
      launch "$1" "$1-agent" $neutron --config-file "$etc/$1.conf"
      ;;
    glance-api) launch glance-api glance-api --config-file "$etc/glance-api.conf" ;;
    heat-engine | heat-api) launch "$1" "$1" --config-file "$etc/heat.conf" ;;
    *) fail "no such service: $1 (there are: $(echo $services))" ;;
  esac
}

# wait_ready NAME — until it answers; the agents report to neutron, and the seed waits for that
wait_ready() {
  case $1 in
    mysql) wait_for mysql sql -e 'select 1' ;;
    rabbit) wait_for rabbit answers "$queue_port" ;;
    memcached) wait_for memcached answers "$memcached_port" ;;
    # Its first start asks every installed emulator for its abilities, seconds each.
    libvirtd) wait_for libvirtd virsh -c qemu:///system version ;;
    keystone) wait_for keystone curl -sf --noproxy '*' "$keystone_url" ;;
    placement) wait_for placement answers "$placement_port" ;;
    nova-conductor) wait_for nova-conductor grep -q 'Starting conductor node' "$logs/nova-conductor.log" ;;
    nova-api) wait_for nova-api answers "$nova_port" ;;
    nova-novncproxy) wait_for nova-novncproxy answers "$console_port" ;;
    neutron-server) wait_for neutron-server answers "$neutron_port" ;;
    glance-api) wait_for glance-api answers "$glance_port" ;;
    heat-api) wait_for heat-api answers "$heat_port" ;;
  esac
}

start_epmd() {
  launch epmd env HOME="$stack/rabbit" setpriv --reuid rabbitmq --regid rabbitmq --clear-groups \
    epmd -address "$listen" -port "$epmd_port"
}

# The distribution's wrapper insists on a user's session and on files below /etc: this is the script inside it.
start_rabbit() {
  chown -R rabbitmq: "$stack/rabbit"
  launch rabbit env HOME="$stack/rabbit" RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_NODENAME=edgeyard@localhost \
    RABBITMQ_MNESIA_BASE="$stack/rabbit/mnesia" RABBITMQ_LOG_BASE="$stack/rabbit/log" RABBITMQ_LOGS=- \
    RABBITMQ_CONFIG_FILE="$etc/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$etc/rabbit-plugins" \
    RABBITMQ_GENERATED_CONFIG_DIR="$stack/rabbit/config" RABBITMQ_DIST_PORT="$queue_peer_port" \
    ERL_EPMD_PORT="$epmd_port" ERL_EPMD_ADDRESS="$listen" RABBITMQ_PID_FILE="$stack/rabbit/pid" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}" \
    setpriv --reuid rabbitmq --regid rabbitmq --clear-groups \
    /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server
}

# serve NAME PORT FILE VARIABLE — keystone and placement have no server of their own
serve() {
  launch "$1" env "$4" uwsgi_python3 --http-socket "$listen:$2" --wsgi-file "$3" --master --lazy-apps --processes 2 \
    --threads 1 --enable-threads --die-on-term --need-app --buffer-size 65535 --disable-logging \
    --add-header 'Connection: close'
}
