#!/bin/bash
# Pid 1 of a Docker host: it lives in namespaces of its own (network, mounts, processes), started by docker.ts only. When
# it is killed, the kernel ends the engine and its containers and drops their mounts, interfaces and firewall rules.
#   NAME, DIR folder of its state, ADDRESS, GATEWAY and REGISTRY_ADDRESS of the host; the arguments are dockerd's
set -eu
mount --make-rshared /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/sshd /run/lock
# dockerd knows one place for registries' certificates.
mount --bind "$DIR/certs.d" /etc/docker/certs.d
hostname "$NAME"
ip link set lo up
until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done
ip addr add "$ADDRESS/24" dev eth0
ip link set eth0 up
# No default route: nothing can leave the machine.
ip route add "$REGISTRY_ADDRESS/32" via "$GATEWAY"
if [ -e "$DIR/sshd_config" ]; then /usr/sbin/sshd -f "$DIR/sshd_config" -E "$DIR/sshd.log"; fi
dockerd "$@" >>"$DIR/dockerd.log" 2>&1 &
wait
