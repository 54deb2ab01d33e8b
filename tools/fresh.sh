#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The README's two commands on a bare Debian 12: makes one by mmdebstrap (as root), clones the last commit into it, runs them there.
# Usage: tools/fresh.sh [FOLDER]   FOLDER (default: a new one in /tmp) is kept, with demo.log and test.log in its root's home.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v mmdebstrap >/dev/null || { echo "mmdebstrap is missing: apt-get install mmdebstrap" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || { echo "run as root: it makes a chroot" >&2; exit 1; }
folder=${1:-$(mktemp -d /tmp/systole-fresh-XXXXXX)}
if [ ! -x "$folder/bin/bash" ]; then
  mmdebstrap --variant=apt --include=ca-certificates bookworm "$folder"
fi
home="$folder$(getent passwd root | cut -d: -f6)"
inside=${home#"$folder"}
rm -rf "$home/systole"
git clone -q . "$home/systole"
cp -L /etc/resolv.conf "$folder/etc/resolv.conf"
mounted=()
trap '[ ${#mounted[@]} -eq 0 ] || umount --lazy "${mounted[@]}"' EXIT
for name in proc dev; do
  mountpoint -q "$folder/$name" && continue
  mount --bind "/$name" "$folder/$name"
  mounted+=("$folder/$name")
done
# What this machine needs to reach the network, if it needs anything.
network=()
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
  [ -z "${!name:-}" ] || network+=("$name=${!name}")
done
if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
  cp -L "$NODE_EXTRA_CA_CERTS" "$folder/etc/ssl/extra-ca.pem"
  network+=(NODE_EXTRA_CA_CERTS=/etc/ssl/extra-ca.pem)
fi

status=0
for part in demo test; do
  printf '== tools/%s.sh ==\n' "$part"
  began=$SECONDS
  chroot "$folder" env -i HOME="$inside" PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "${network[@]}" \
    bash -c "cd ~/systole && tools/$part.sh" >"$home/$part.log" 2>&1 || status=$?
  tail -n 20 "$home/$part.log"
  echo "tools/$part.sh: exit code $status after $(((SECONDS - began) / 60)) minutes, $home/$part.log"
  [ "$status" -eq 0 ] || exit "$status"
done
