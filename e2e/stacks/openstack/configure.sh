# Sourced by stack.sh: writes the configuration from the templates in config/. Secrets are made once per stack.

folders="lock glance/images nova/instances neutron keystone/fernet rabbit"

configure() {
  local name folder
  mkdir -p "$run" "$logs" "$etc/keystone" "$etc/placement"
  for folder in $folders; do mkdir -p "$stack/$folder"; done
  chmod 755 "$stack" # The database's and the queue's users pass through it.
  make_secrets
  # shellcheck disable=SC1091
  . "$etc/secrets"
  values=$(list_values)
  for name in my.cnf rabbitmq.conf libvirtd.conf glance-api.conf nova.conf nova-database.conf neutron.conf \
    neutron-dhcp.conf neutron-l3.conf neutron-metadata.conf heat.conf; do
    render "$name" >"$etc/$name"
  done
  render keystone.conf >"$etc/keystone/keystone.conf"
  render placement.conf >"$etc/placement/placement.conf"
  echo '[].' >"$etc/rabbit-plugins"
  chmod -R u=rwX,go= "$etc/keystone" "$etc/placement" "$etc"/{glance-api,nova,nova-database,neutron,heat}.conf
  configure_qemu
  write_logins
}

make_secrets() {
  local name
  [ -s "$etc/secrets" ] && return
  (
    umask 077
    for name in service_password admin_password developer_password database_password metadata_secret heat_key; do
      echo "$name=$(openssl rand -hex 16)"
    done >"$etc/secrets"
    echo "host_uuid=$(cat /proc/sys/kernel/random/uuid)" >>"$etc/secrets"
  )
}

# list_values — what the templates may name in double braces, as sed commands
list_values() {
  local name database="mysql+pymysql://edgeyard:$database_password@$listen:$database_port"
  for name in stack run listen token_seconds console_seconds database keystone_url keystone_port glance_port placement_port nova_port \
    metadata_port console_port neutron_port heat_port database_port queue_port memcached_port service_password \
    admin_password developer_password metadata_secret heat_key host_uuid; do
    printf 's|{{%s}}|%s|g\n' "$name" "${!name}"
  done
}

# render TEMPLATE — the template with its parts and values. Lines that begin with @ stand for whole blocks.
render() { expand "$1" | sed "$values"; }

expand() {
  local line
  while IFS= read -r line; do
    case $line in
      '@include '*) expand "${line#@include }" ;;
      '@credentials '*) credentials "${line#@credentials }" ;;
      '@trustee '*) credentials "${line#@trustee }" | grep -v '^project_' ;;
      '@authtoken '*) authtoken "${line#@authtoken }" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done <"$here/config/$1"
}

credentials() {
  printf '%s\n' 'auth_type = password' 'auth_url = {{keystone_url}}' "username = $1" 'password = {{service_password}}' \
    'project_name = service' 'user_domain_name = Default' 'project_domain_name = Default' 'region_name = RegionOne'
}

authtoken() {
  printf '%s\n' '[keystone_authtoken]' 'www_authenticate_uri = {{keystone_url}}' \
    'memcached_servers = {{listen}}:{{memcached_port}}' 'service_token_roles_required = true'
  credentials "$1"
}

# libvirt reads this from one place only. The stack's lines are marked, and `down --wipe` takes them out again.
configure_qemu() {
  grep -q '^# edgeyard begin' /etc/libvirt/qemu.conf 2>/dev/null && return
  cat >>/etc/libvirt/qemu.conf <<'END'
# edgeyard begin
user = "root"
group = "root"
security_driver = "none"
remember_owner = 0
stdio_handler = "file"
# edgeyard end
END
}

# The logins belong to whoever called, also through sudo: the tests read them.
write_logins() {
  (
    umask 077
    render clouds.yaml >"$stack/clouds.yaml"
    for person in admin developer; do
      password=${person}_password
      render openrc | sed "s|{{person}}|$person|g;s|{{person_password}}|${!password}|" >"$stack/openrc-$person"
    done
  )
  [ -z "${SUDO_UID:-}" ] || chown "$SUDO_UID" "$stack"/clouds.yaml "$stack"/openrc-*
}
