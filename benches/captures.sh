#!/usr/bin/env bash
# Reading a capture: tls-trace's table beside tshark and ssldump, the same file in the same run, with MB/s and peak memory.
#
#   cargo build --release && benches/captures.sh FILE.pcap [ROUNDS]
#
# TLS_TRACE=path measures another binary. A tool that is not there is left out, with a word.
set -euo pipefail

file=${1:?name a capture file}
rounds=${2:-3}
here=$(cd "$(dirname "$0")/.." && pwd)
subject=${TLS_TRACE:-${CARGO_TARGET_DIR:-$here/target}/release/tls-trace}
[ -x "$subject" ] || { echo "$subject is not there: cargo build --release" >&2; exit 2; }
[ -x /usr/bin/time ] || { echo "/usr/bin/time is not there: apt install time" >&2; exit 2; }
size=$(stat -c %s "$file")

# The fastest of the rounds, and its peak memory.
measure() {
    local name=$1 best= memory= seconds kib
    shift
    for _ in $(seq "$rounds"); do
        # What a tool says of the capture by its exit code is no failure of the measurement.
        /usr/bin/time -f '%e %M' -o time.txt "$@" >/dev/null 2>&1 || true
        read -r seconds kib < <(tail -n 1 time.txt)
        if [ -z "$best" ] || awk "BEGIN { exit !($seconds < $best) }"; then best=$seconds memory=$kib; fi
    done
    awk -v name="$name" -v seconds="$best" -v kib="$memory" -v size="$size" \
        'BEGIN { printf "%-28s %8.2f s %8.1f MB/s %8.1f MB\n", name, seconds, size / 1e6 / (seconds > 0 ? seconds : 0.01), kib / 1024 }'
}

file=$(readlink -f "$file")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

measure "tls-trace read" "$subject" read "$file"
measure "tls-trace read --all" "$subject" read "$file" --all
measure "tls-trace read --all -v" "$subject" read "$file" --all -v
if command -v ssldump >/dev/null; then
    measure "ssldump -r" ssldump -r "$file"
else
    echo "ssldump is not there: left out" >&2
fi
if command -v tshark >/dev/null; then
    measure "tshark -r" tshark -r "$file"
    measure "tshark -T fields" tshark -r "$file" -Y tls.handshake -T fields -e tcp.stream -e tls.handshake.type
    measure "tshark -V" tshark -r "$file" -V
else
    echo "tshark is not there: left out" >&2
fi
