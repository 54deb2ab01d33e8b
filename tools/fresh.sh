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
for mount in proc dev; do
  mountpoint -q "$folder/$mount" || mount --bind "/$mount" "$folder/$mount"
done
trap 'umount "$folder/proc" "$folder/dev"' EXIT

status=0
for part in demo test; do
  printf '== tools/%s.sh ==\n' "$part"
  began=$SECONDS
  chroot "$folder" env -i HOME="$inside" PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    bash -c "cd ~/systole && tools/$part.sh" >"$home/$part.log" 2>&1 || status=$?
  tail -n 20 "$home/$part.log"
  echo "tools/$part.sh: exit code $status after $(((SECONDS - began) / 60)) minutes, $home/$part.log"
  [ "$status" -eq 0 ] || exit "$status"
done
