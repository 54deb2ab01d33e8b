#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The README's two commands on a bare Debian 12: makes one by mmdebstrap (as root), clones the last commit into it, runs them there.
# Then the Debian package, built there, is installed on another, which has no sources, and does the demo's job.
# Usage: tools/fresh.sh [FOLDER [PART...]]   PART: demo, test, package (default: all). FOLDER (default: a new one in /tmp) is kept,
# with a log of each part in its root's home, and so is FOLDER-package.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v mmdebstrap >/dev/null || { echo "mmdebstrap is missing: apt-get install mmdebstrap" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || { echo "run as root: it makes a chroot" >&2; exit 1; }
folder=${1:-$(mktemp -d /tmp/systole-fresh-XXXXXX)}
parts=("${@:2}")
[ ${#parts[@]} -gt 0 ] || parts=(demo test package)
home=$(getent passwd root | cut -d: -f6)

mounted=()
trap '[ ${#mounted[@]} -eq 0 ] || umount --lazy "${mounted[@]}"' EXIT
# A bare Debian 12 in FOLDER, ready to be entered.
prepare() {
  [ -x "$1/bin/bash" ] || mmdebstrap --variant=apt --include=ca-certificates bookworm "$1"
  cp -L /etc/resolv.conf "$1/etc/resolv.conf"
  [ -e "$1/etc/hosts" ] || echo "127.0.0.1 localhost" > "$1/etc/hosts"  # which an installer writes
  [ -z "${NODE_EXTRA_CA_CERTS:-}" ] || cp -L "$NODE_EXTRA_CA_CERTS" "$1/etc/ssl/extra-ca.pem"
  for name in proc dev sys; do
    mountpoint -q "$1/$name" && continue
    mount --rbind --make-rslave "/$name" "$1/$name"
    mounted+=("$1/$name")
  done
}
# What this machine needs to reach the network, if it needs anything.
network=()
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
  [ -z "${!name:-}" ] || network+=("$name=${!name}")
done
[ -z "${NODE_EXTRA_CA_CERTS:-}" ] || network+=(NODE_EXTRA_CA_CERTS=/etc/ssl/extra-ca.pem)
# enter FOLDER COMMAND: in its root's home.
enter() {
  chroot "$1" env -i HOME="$home" PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    "${network[@]}" bash -ec "cd; $2"
}
# Installs the package where there is nothing else, and runs the demo's job in a folder with a name that is not plain.
run_package() {
  local bare="$folder-package" place="sömewhere else"
  enter "$folder" "cd systole && tools/build.sh release && cd build/release && rm -f ./*.deb && cpack" &&
    prepare "$bare" &&
    mkdir -p "$bare$home/$place" &&
    cp "$folder$home"/systole/build/release/systole_*.deb "$bare$home/" &&
    cp "$folder$home"/systole/tests/data/{lenet_fmnist.onnx,lenet.yaml,lenet_calib.yaml,fmnist_*.npy} "$bare$home/$place/" &&
    enter "$bare" "apt-get update -q && apt-get install -qy ./systole_*.deb" &&
    enter "$bare" "cd '$place' && systole run lenet_fmnist.onnx --arch edge-16x16 --engine both --data lenet.yaml \
      --calib lenet_calib.yaml -o out --wave"
}

prepare "$folder"
rm -rf "$folder$home/systole"
git clone -q . "$folder$home/systole"
status=0
for part in "${parts[@]}"; do
  printf '== %s ==\n' "$part"
  began=$SECONDS
  log="$folder$home/$part.log"
  if [ "$part" = package ]; then
    run_package >"$log" 2>&1 || status=$?
  else
    enter "$folder" "cd systole && tools/$part.sh" >"$log" 2>&1 || status=$?
  fi
  tail -n 20 "$log"
  echo "$part: exit code $status after $(((SECONDS - began) / 60)) minutes, $log"
  [ "$status" -eq 0 ] || exit "$status"
done
