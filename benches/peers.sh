#!/usr/bin/env bash
# Start to exit of one verified handshake on loopback: tls-trace against openssl s_client, curl and
# gnutls-cli, all with the same server in the same run. Prints medians, and ratios to s_client.
#
#   cargo build --release && benches/peers.sh [ROUNDS] [RUNS PER ROUND]
#
# TLS_TRACE=path measures another binary. MOST=0.35 makes a larger ratio an error.
set -euo pipefail

rounds=${1:-5}
runs=${2:-20}
here=$(cd "$(dirname "$0")/.." && pwd)
subject=${TLS_TRACE:-${CARGO_TARGET_DIR:-$here/target}/release/tls-trace}
[ -x "$subject" ] || { echo "$subject is not there: cargo build --release" >&2; exit 2; }

dir=$(mktemp -d)
server=
clean_up() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$dir"
}
trap clean_up EXIT
cd "$dir"

# A chain like most: ECDSA leaf under a root that is not sent.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
    -subj "/CN=Peers CA" -days 30 -addext "keyUsage=critical,keyCertSign" 2>openssl.log
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -out leaf.csr \
    -subj "/CN=localhost" 2>>openssl.log
printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n' >leaf.ext
openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days 30 -extfile leaf.ext -out leaf.pem 2>>openssl.log

port=
for try in 1 2 3 4 5; do
    port=$((20000 + (RANDOM + try) % 20000))
    openssl s_server -accept "127.0.0.1:$port" -cert leaf.pem -key leaf.key -www -quiet >server.log 2>&1 &
    server=$!
    for _ in $(seq 50); do
        if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break 2; fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    server=
done
[ -n "$server" ] || { cat server.log >&2; echo "s_server does not start" >&2; exit 1; }

names=(tls-trace s_client)
commands=(
    "$subject -q --cacert ca.pem --sni localhost 127.0.0.1:$port"
    "openssl s_client -brief -CAfile ca.pem -verify_return_error -servername localhost -verify_hostname localhost -connect 127.0.0.1:$port"
)
add() { names+=("$1"); commands+=("$2"); }
if command -v curl >/dev/null; then
    add curl "curl -s -o page --cacert ca.pem --resolve localhost:$port:127.0.0.1 https://localhost:$port/"
else
    echo "curl is not there: left out" >&2
fi
if command -v gnutls-cli >/dev/null; then
    add gnutls-cli "gnutls-cli --x509cafile ca.pem --sni-hostname localhost --verify-hostname localhost -p $port 127.0.0.1"
else
    echo "gnutls-cli is not there: left out" >&2
fi
for i in "${!names[@]}"; do
    ${commands[i]} </dev/null >once.log 2>&1 || { cat once.log >&2; echo "${names[i]} fails" >&2; exit 1; }
done

# Rounds in turn: whatever else the machine does meets all of them.
: >medians
for _ in $(seq "$rounds"); do
    if command -v hyperfine >/dev/null; then
        arguments=()
        for i in "${!names[@]}"; do arguments+=(-n "${names[i]}" "${commands[i]}"); done
        hyperfine -N --warmup 3 --runs "$runs" --style none \
            --export-csv round.csv "${arguments[@]}" >hyperfine.log 2>&1 || { cat hyperfine.log >&2; exit 1; }
        awk -F, 'NR > 1 { print $1, $4 * 1000, $7 * 1000 }' round.csv >>medians
    else
        for i in "${!names[@]}"; do
            for _ in $(seq "$runs"); do
                from=${EPOCHREALTIME/./}
                ${commands[i]} </dev/null >/dev/null 2>&1
                echo $((${EPOCHREALTIME/./} - from))
            done | sort -n | awk -v name="${names[i]}" \
                '{ t[NR] = $1 / 1000 } END { print name, t[int((NR + 1) / 2)], t[1] }' >>medians
        done
    fi
done

for name in "${names[@]}"; do
    awk -v name="$name" '$1 == name { print $2, $3 }' medians | sort -n |
        awk -v name="$name" '{ t[NR] = $1; if (!least || $2 < least) least = $2 }
            END { print name, t[int((NR + 1) / 2)], least }'
done | awk -v most="${MOST:-}" '
    { name[NR] = $1; median[$1] = $2; least[$1] = $3 }
    END {
        printf "%-12s %10s %10s %12s\n", "", "median ms", "least ms", "to s_client"
        for (i = 1; i <= NR; i++)
            printf "%-12s %10.2f %10.2f %12.2f\n", name[i], median[name[i]], least[name[i]], median[name[i]] / median["s_client"]
        ratio = median["tls-trace"] / median["s_client"]
        if (most != "" && ratio > most) {
            printf "tls-trace takes %.2f of s_client; the target is %.2f\n", ratio, most
            exit 1
        }
    }'
