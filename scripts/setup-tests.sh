#!/usr/bin/env bash
# What the tests run besides Node: real Redis servers, a real Chromium, real load balancers, and the interpreters of
# docs/by-hand.md.
# Installs what is missing where it may (Debian or Ubuntu, as root); says what to install where it may not.
set -euo pipefail

# Debian puts servers where the path of an ordinary user does not look.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

missing=()
need() { # need PACKAGE COMMAND…: any one of the commands will do
  local package=$1 command
  shift
  for command in "$@"; do
    if command -v "$command" >/dev/null 2>&1; then return; fi
  done
  missing+=("$package")
}
need_all() {
  missing=()
  need redis-server redis-server
  # Ubuntu's package is a stub that wants a snap; there the tests take an installed Chrome.
  need chromium "${VIGIL_CHROMIUM:-chromium}" chromium-browser google-chrome-stable google-chrome
  need haproxy haproxy
  need nginx-light nginx
  need openssl openssl
  need python3 python3
  need php-cli php
  # The chaos run: networks of its own, and a clock that it can step.
  need iproute2 ip
  need nftables nft
  need gcc gcc cc
  [ -e /usr/include/time.h ] || missing+=(libc6-dev)
}

need_all
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  {
    echo "The tests need programs that are not installed: ${missing[*]}"
    echo "On Debian: sudo apt-get install ${missing[*]}"
    echo "A Chromium or Chrome elsewhere can be named by VIGIL_CHROMIUM=/path/to/chrome."
  } >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
echo "Installing for the tests: ${missing[*]}"
# A wait for the lock: something else on the machine may be installing.
apt-get -o DPkg::Lock::Timeout=300 -qq update
apt-get -o DPkg::Lock::Timeout=300 -qq -y install --no-install-recommends "${missing[@]}"

need_all
if [ ${#missing[@]} -ne 0 ]; then
  echo "Still missing after the installation: ${missing[*]}" >&2
  exit 1
fi
