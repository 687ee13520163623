# Sourced by stack.sh: the databases and their schemas, made on the first start.

prepare_mysql() {
  [ -d "$stack/mysql/mysql" ] && return
  rm -rf "$stack/mysql"
  install -d -o mysql -g mysql "$stack/mysql"
  mariadb-install-db --no-defaults --datadir="$stack/mysql" --user=mysql --skip-test-db \
    --auth-root-authentication-method=normal --skip-name-resolve >>"$logs/mysql-install.log" 2>&1
}

sql() { mariadb --no-defaults -uroot -S "$run/mysql.sock" "$@"; }

# make_databases — the three lines of work share the machine's cores
make_databases() {
  local jobs=() job name
  [ -e "$stack/.databases" ] && return
  # From nothing: a schema that was broken off half-way cannot be continued.
  for name in keystone glance placement nova_api nova nova_cell0 neutron heat; do
    echo "DROP DATABASE IF EXISTS $name; CREATE DATABASE $name;"
  done | sql
  sql -e "CREATE OR REPLACE USER edgeyard@'%' IDENTIFIED BY '$database_password'; GRANT ALL ON *.* TO edgeyard@'%'"
  make_keystone_keys
  make_small_schemas >"$logs/schema-small.log" 2>&1 9>&- &
  jobs+=($!)
  make_nova_schema >"$logs/schema-nova.log" 2>&1 9>&- &
  jobs+=($!)
  neutron-db-manage --config-file "$etc/neutron.conf" upgrade heads >"$logs/schema-neutron.log" 2>&1 9>&- &
  jobs+=($!)
  for job in "${jobs[@]}"; do
    wait "$job" || { tail -n 5 "$logs"/schema-*.log >&2; fail "a database schema could not be made: $logs/schema-*.log"; }
  done
  touch "$stack/.databases"
  say "databases made"
}

make_keystone_keys() {
  local key
  for key in 0 1; do
    [ -s "$stack/keystone/fernet/$key" ] ||
      head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n' >"$stack/keystone/fernet/$key"
  done
  chmod 700 "$stack/keystone/fernet"
  chmod 600 "$stack"/keystone/fernet/*
}

make_small_schemas() {
  local keystone="keystone-manage --config-file $etc/keystone/keystone.conf"
  $keystone db_sync &&
    OS_BOOTSTRAP_PASSWORD=$admin_password $keystone bootstrap --bootstrap-region-id RegionOne \
      --bootstrap-public-url "$keystone_url" --bootstrap-internal-url "$keystone_url" \
      --bootstrap-admin-url "$keystone_url" &&
    placement-manage --config-file "$etc/placement/placement.conf" db sync &&
    glance-manage --config-file "$etc/glance-api.conf" db_sync &&
    heat-manage --config-file "$etc/heat.conf" db_sync
}

make_nova_schema() {
  local nova="nova-manage --config-file $etc/nova.conf --config-file $etc/nova-database.conf"
  local cell0="mysql+pymysql://edgeyard:$database_password@$listen:$database_port/nova_cell0?charset=utf8"
  $nova api_db sync && $nova cell_v2 map_cell0 --database_connection "$cell0" && $nova db sync || return
  $nova cell_v2 list_cells | grep -q ' cell1 ' || $nova cell_v2 create_cell --name cell1
}
