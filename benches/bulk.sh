#!/usr/bin/env bash
# Many targets: tls-trace beside a bare tokio-rustls loop that only verifies, openssl s_time and sslyze, against the same
# servers in the same run, with handshakes a second of CPU and peak memory.
#
#   cargo build --release && cargo build --release --example bulk && benches/bulk.sh [TARGETS]
#
# The servers are the example's own, on loopback, on ports that the system picks; they end with this script. Each target is
# an address of 127.0.0.0/8, so each is a host of its own. TLS_TRACE=path measures another binary; SSLYZE=path is where
# sslyze is (pip install sslyze), which is left out where it is not.
set -euo pipefail

targets=${1:-10000}
here=$(cd "$(dirname "$0")/.." && pwd)
release=${CARGO_TARGET_DIR:-$here/target}/release
subject=$(readlink -f "${TLS_TRACE:-$release/tls-trace}") || true
bulk=$(readlink -f "$release/examples/bulk") || true
for program in "$subject" "$bulk" /usr/bin/time openssl; do
    command -v "$program" >/dev/null || { echo "$program is not there" >&2; exit 2; }
done
dir=$(mktemp -d)
mkfifo "$dir/end"
clean_up() {
    # The servers end when their standard input does.
    exec 3>&- || true
    [ -z "${servers:-}" ] || wait "$servers" || true
    rm -rf "$dir"
}
trap clean_up EXIT
cd "$dir"
"$bulk" serve . "$targets" <end &
servers=$!
exec 3>end
for _ in $(seq 100); do
    [ -s port ] && break
    sleep 0.05
done
port=$(cat port)

# measure NAME HANDSHAKES COMMAND…: CPU is user and system time of the client alone.
measure() {
    local name=$1 handshakes=$2
    shift 2
    # What a program says of the targets by its exit code is no failure of the measurement.
    /usr/bin/time -f '%e %U %S %M' -o time.txt "$@" >out.txt 2>error.txt || true
    tail -n 1 time.txt | awk -v name="$name" -v n="$handshakes" '{
        cpu = $2 + $3
        printf "%-44s %7.2f s %7.2f s CPU %7.0f a CPU second %7.1f MB\n", name, $1, cpu, n / (cpu > 0 ? cpu : 0.01), $4 / 1024
    }'
}

flags=(--cacert ca.pem --sni bulk.example)
echo "$targets targets, all good:"
for _ in 1 2 3; do
    measure "bare loop" "$targets" "$bulk" verify good.txt ca.pem bulk.example
    measure "tls-trace -q" "$targets" "$subject" --targets good.txt "${flags[@]}" -q
    measure "tls-trace --format jsonl" "$targets" "$subject" --targets good.txt "${flags[@]}" --format jsonl -o results.jsonl
done
openssl s_time -connect "127.0.0.1:$port" -new -time 5 -CAfile ca.pem -verify 2 >s_time.txt 2>&1 || true
made=$(grep -oE '^[0-9]+ connections in [0-9.]+s' s_time.txt | head -n 1)
echo "openssl s_time -new: $made of CPU"
if command -v "${SSLYZE:-sslyze}" >/dev/null; then
    few=50
    head -n "$few" good.txt >few.txt
    measure "sslyze --certinfo, $few targets" "$few" "${SSLYZE:-sslyze}" --certinfo --certinfo_ca_file ca.pem --targets_in few.txt
else
    echo "sslyze is not there: left out" >&2
fi

echo "$targets targets, of a hundred 80 good, 5 untrusted, 5 refused, 3 silent, 2 slow (1 s), 5 with a certificate of 60 KB:"
mixed=(--targets mixed.txt "${flags[@]}" --target-timeout 3)
measure "tls-trace -q" "$targets" "$subject" "${mixed[@]}" -q
tail -n 1 out.txt
measure "tls-trace --format jsonl" "$targets" "$subject" "${mixed[@]}" --format jsonl -o results.jsonl
wc -lc results.jsonl
documents=()
for format in junit sarif openmetrics csv markdown cyclonedx html; do documents+=(--format "$format=report.$format"); done
measure "tls-trace, seven documents" "$targets" "$subject" "${mixed[@]}" -q "${documents[@]}"
ls -l report.* | awk '{ printf "  %s %.1f MB\n", $NF, $5 / 1e6 }'
