#!/usr/bin/env bash
# Installs what Ballast needs, asks for nothing, and does nothing when all is there.
#   scripts/setup.sh        all: build, tests, benchmarks
#   scripts/setup.sh run    only what `make run` needs: build and run
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
part="${1:-all}"
swift_least="6.2"

# Debian package, then how to tell that it is there on any system:
# a command, a pkg-config module, or a module of Python.
packages_run="
  gcc               command:gcc
  g++               command:g++
  libc6-dev         file:/usr/include/stdlib.h
  make              command:make
  git               command:git
  pkg-config        command:pkg-config
  libyaml-dev       library:yaml-0.1
  libsqlite3-dev    library:sqlite3
  libcurl4-openssl-dev library:libcurl
  libssl-dev        library:libssl
  libnghttp2-dev    library:libnghttp2
  zlib1g-dev        library:zlib
  libbrotli-dev     library:libbrotlienc
  libzstd-dev       library:libzstd
  python3           command:python3
"
packages_all="
  curl              command:curl
  procps            command:ps
  util-linux        command:taskset
  haproxy           command:haproxy
  nginx-light       command:nginx
  libnginx-mod-stream file:/usr/lib/nginx/modules/ngx_stream_module.so
  apache2-bin       command:apache2
  nodejs            command:node
  wrk               command:wrk
  nghttp2-client    command:h2load
  valgrind          command:valgrind
  nghttp2-proxy     command:nghttpx
  nghttp2-server    command:nghttpd
  testssl.sh        command:testssl
  hey               command:hey
  socat             command:socat
  postgresql        file:/usr/lib/postgresql
  bind9-dnsutils    command:dig
  prometheus        command:promtool
  prometheus-alertmanager command:amtool
  rsyslog           command:rsyslogd
  systemd           file:/lib/systemd/systemd-journald
  chromium          command:chromium
  nats-server       command:nats-server
  redis-server      command:redis-server
  docker.io         command:dockerd
  podman            command:podman
  python3-venv      python:ensurepip
"

say() { printf 'setup: %s\n' "$*" >&2; }

# Debian keeps daemons in sbin, which is not on every user's path.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

is_there() {
  case "$1" in
    command:*) command -v "${1#*:}" >/dev/null ;;
    library:*) command -v pkg-config >/dev/null && pkg-config --exists "${1#*:}" ;;
    python:*) command -v python3 >/dev/null && python3 -c "import ${1#*:}" 2>/dev/null ;;
    file:*) [ -e "${1#*:}" ] ;;
  esac
}

missing_packages() {
  local package probe
  while read -r package probe; do
    [ -z "$package" ] || is_there "$probe" || printf '%s\n' "$package"
  done
}

# True when $1 is the same version as $2 or a later one.
is_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

check_swift() {
  local found
  if ! command -v swift >/dev/null; then
    say "Swift is missing: version $swift_least or later must be on the path."
    say "  get it from https://www.swift.org/install/linux/ and run this again"
    return 1
  fi
  found="$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)"
  if [ -z "$found" ] || ! is_at_least "$found" "$swift_least"; then
    say "Swift ${found:-of an unknown version} is too old: $swift_least or later is needed."
    say "  get it from https://www.swift.org/install/linux/ and run this again"
    return 1
  fi
}

# Installing haproxy, nginx, prometheus or docker.io starts their daemons, which would take ports for
# good. A policy-rc.d that forbids it stands while apt runs; what stood there before comes back.
policy=/usr/sbin/policy-rc.d
install_packages() {
  local run=() daemons=() package
  [ "$(id -u)" = 0 ] || run=(sudo -n)
  "${run[@]}" sh -c "
    set -e
    [ ! -e $policy ] || mv $policy $policy.before-ballast
    trap 'rm -f $policy; [ ! -e $policy.before-ballast ] || mv $policy.before-ballast $policy' EXIT
    trap 'exit 1' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod 755 $policy
    export DEBIAN_FRONTEND=noninteractive
    install() { apt-get install -y -q --no-install-recommends \"\$@\" </dev/null; }
    install $* || { apt-get update -q </dev/null && install $*; }
  " >&2
  for package in "$@"; do
    case "$package" in
      haproxy) daemons+=(haproxy) ;;
      nginx-light) daemons+=(nginx) ;;
      postgresql) daemons+=(postgresql) ;;
      prometheus) daemons+=(prometheus) ;;
      rsyslog) daemons+=(rsyslog) ;;
      docker.io) daemons+=(docker.socket docker.service containerd.service) ;;
      podman) daemons+=(podman.socket podman.service podman-restart.service podman-auto-update.timer) ;;
    esac
  done
  # Nor shall they come up at the next boot, since nobody asked for them.
  if [ "${#daemons[@]}" -gt 0 ] && [ -d /run/systemd/system ]; then
    "${run[@]}" systemctl disable --quiet "${daemons[@]}" || true
  fi
}

may_install() {
  command -v apt-get >/dev/null || return 1
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

ensure_packages() {
  local missing
  mapfile -t missing < <(missing_packages <<<"$1")
  [ "${#missing[@]}" -gt 0 ] || return 0
  if may_install; then
    say "installing ${missing[*]}"
    install_packages "${missing[@]}"
    mapfile -t missing < <(missing_packages <<<"$1")
    [ "${#missing[@]}" -gt 0 ] || return 0
    say "still missing after the installation: ${missing[*]}"
    return 1
  fi
  say "missing: ${missing[*]}"
  if ! command -v apt-get >/dev/null; then
    say "this is not Debian: install what these Debian packages hold, by the names they have here"
  else
    say "only root may install them; run this and then try again:"
    say "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
  fi
  return 1
}

# The test tools of PyPI live in .venv, which git ignores; its stamp is the list it was made from.
ensure_python_packages() {
  local list=Tests/requirements.txt stamp=.venv/requirements.txt
  [ -x .venv/bin/python ] && cmp -s "$list" "$stamp" && return 0
  say "installing the test tools into .venv"
  python3 -m venv .venv
  if ! .venv/bin/pip install --quiet --disable-pip-version-check --no-input -r "$list" >&2; then
    say "could not install the packages of $list; run this and then try again:"
    say "  .venv/bin/pip install -r $list"
    return 1
  fi
  cp "$list" "$stamp"
}

case "$part" in
  run) packages="$packages_run" ;;
  all) packages="$packages_run$packages_all" ;;
  *) say "usage: scripts/setup.sh [run|all]"; exit 2 ;;
esac

# All that is wrong is told at once.
failed=0
check_swift || failed=1
ensure_packages "$packages" || failed=1
if [ "$part" = all ] && [ "$failed" = 0 ]; then
  ensure_python_packages || failed=1
fi
exit "$failed"
