#!/usr/bin/env bash
# Probes a second against one nginx (one process), beside what openssl s_time does with the same server in the same run.
#
#   cargo build --release --example probes && benches/probes.sh [SECONDS] [CONCURRENCY]
set -euo pipefail

seconds=${1:-5}
concurrency=${2:-8}
here=$(cd "$(dirname "$0")/.." && pwd)
probes=${CARGO_TARGET_DIR:-$here/target}/release/examples/probes
[ -x "$probes" ] || { echo "$probes is not there: cargo build --release --example probes" >&2; exit 2; }
nginx=$(PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v nginx) || { echo "nginx is missing: apt-get install nginx-light" >&2; exit 2; }

dir=$(mktemp -d)
server=
clean_up() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$dir"
}
trap clean_up EXIT
cd "$dir"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem \
    -subj "/CN=localhost" -days 30 2>openssl.log
for try in 1 2 3 4 5; do
    port=$((20000 + (RANDOM + try) % 20000))
    cat >nginx.conf <<CONF
daemon off; master_process off; pid nginx.pid; error_log stderr;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
    server {
        listen 127.0.0.1:$port ssl backlog=1024;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_certificate cert.pem; ssl_certificate_key key.pem;
        location / { return 200 "ok"; }
    }
}
CONF
    "$nginx" -p "$dir" -c nginx.conf -e stderr >server.log 2>&1 &
    server=$!
    for _ in $(seq 50); do
        if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break 2; fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    server=
done
[ -n "$server" ] || { cat server.log >&2; echo "nginx does not start" >&2; exit 1; }

echo "nginx, one process; $(nproc) CPUs; $seconds s each; $concurrency probes at a time"
for version in 1_2 1_3; do
    # Full handshakes, one after the other; its own figures are of CPU time, those of real time count here.
    openssl s_time -connect "127.0.0.1:$port" -new -time "$seconds" -"tls$version" >s_time.log 2>&1 || true
    echo "openssl s_time -new -tls$version: $(grep 'real seconds' s_time.log | head -1)"
done
for shares in none x25519 hybrid; do
    echo "probes, shares: $shares: $("$probes" "127.0.0.1:$port" "$seconds" "$concurrency" "$shares")"
done
