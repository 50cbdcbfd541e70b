#!/usr/bin/env bash
# Reading captures: tls-trace beside tshark and ssldump, the same file in the same run, with MB/s and peak memory.
#
#   cargo build --release && benches/captures.sh [ROUNDS]
#
# The capture is made here, once, and stays in target/captures: 5 000 handshakes of TLS 1.0 to 1.3 with nginx, openssl
# s_server and gnutls-serv on loopback, with a key log (benches/captures.py; tcpdump needs CAP_NET_RAW). A second one of
# 1 GB is the first one again and again, each time between other addresses.
#
# TLS_TRACE=path measures another binary, CAPTURES=dir uses another place, SLOW=0 leaves out what takes minutes.
set -euo pipefail

rounds=${1:-3}
here=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$here/target}
subject=$(readlink -f "${TLS_TRACE:-$target/release/tls-trace}") || true
captures=${CAPTURES:-$target/captures}
PATH=$PATH:/usr/sbin
for program in "$subject" /usr/bin/time tshark ssldump; do
    command -v "$program" >/dev/null || { echo "$program is not there" >&2; exit 2; }
done
python3 "$here/benches/captures.py" "$captures"
file=$captures/many.pcap keys=$captures/many.keys large=$captures/large.pcap
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# measure NAME FILE ROUNDS COMMAND…: the fastest of the rounds, and the most memory of all.
measure() {
    local name=$1 size best= memory=0 seconds kib
    size=$(stat -c %s "$2")
    local times=$3
    shift 3
    for _ in $(seq "$times"); do
        # What a program says of the capture by its exit code is no failure of the measurement.
        /usr/bin/time -f '%e %M' -o time.txt "$@" >/dev/null 2>error.txt || true
        read -r seconds kib < <(tail -n 1 time.txt)
        if [ -z "$best" ] || awk "BEGIN { exit !($seconds < $best) }"; then best=$seconds; fi
        if [ "$kib" -gt "$memory" ]; then memory=$kib; fi
    done
    awk -v name="$name" -v seconds="$best" -v kib="$memory" -v size="$size" \
        'BEGIN { printf "%-40s %8.2f s %8.1f MB/s %8.1f MB\n", name, seconds, size / 1e6 / (seconds > 0 ? seconds : 0.01), kib / 1024 }'
}

trust="--cacert $captures/ca.pem"
echo "$(stat -c %s "$file") bytes:"
measure "tls-trace read" "$file" "$rounds" "$subject" read "$file"
measure "ssldump -r" "$file" "$rounds" ssldump -r "$file"
measure "tshark -r" "$file" 1 tshark -r "$file"
measure "tshark -T fields" "$file" 1 \
    tshark -r "$file" -Y tls.handshake -T fields -e tcp.stream -e tls.handshake.type
echo "with the key log:"
measure "tls-trace read --decrypt-with" "$file" "$rounds" "$subject" read "$file" --decrypt-with "$keys"
measure "tls-trace read --decrypt-with --all -q" "$file" "$rounds" \
    "$subject" read "$file" --decrypt-with "$keys" --all -q $trust
measure "tls-trace read --decrypt-with --all" "$file" "$rounds" \
    "$subject" read "$file" --decrypt-with "$keys" --all $trust
measure "tshark -T fields" "$file" 1 tshark -o "tls.keylog_file:$keys" -r "$file" \
    -Y tls.handshake -T fields -e tcp.stream -e tls.handshake.type
echo "everything of everything:"
measure "tls-trace read --all -v" "$file" "$rounds" "$subject" read "$file" --all -v $trust
measure "tshark -V" "$file" 1 tshark -r "$file" -V
if [ "${SLOW:-1}" != 0 ]; then
    measure "ssldump -r with the key log" "$file" 1 ssldump -l "$keys" -d -r "$file"
fi
echo "$(stat -c %s "$large") bytes:"
measure "tls-trace read" "$large" 1 "$subject" read "$large"
measure "tls-trace read --decrypt-with --all -q" "$large" 1 \
    "$subject" read "$large" --decrypt-with "$keys" --all -q $trust
