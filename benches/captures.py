#!/usr/bin/env python3
"""Makes the capture that benches/captures.sh reads: handshakes of all versions between real servers (openssl s_server, nginx if it
is there) and OpenSSL's client on loopback, with some application data, recorded by tcpdump, and its key log.

    benches/captures.py FOLDER [HANDSHAKES] [BYTES]

leaves FOLDER/many.pcap, FOLDER/many.keys and FOLDER/ca.pem. It needs the right to capture (CAP_NET_RAW).
"""

import os
import socket
import ssl
import subprocess
import sys
import threading
import time

folder, handshakes, size = sys.argv[1], int((sys.argv + ["", "5000"])[2] or 5000), 12_000
if len(sys.argv) > 3:
    size = int(sys.argv[3])
os.makedirs(folder, exist_ok=True)
os.chdir(folder)


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def certificates():
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "3650",
            "-subj", "/CN=Capture Root", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign")
    for name, kind in (("rsa", ["rsa:2048"]), ("ec", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])):
        openssl("req", "-newkey", *kind, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", "/CN=capture.test")
        with open("ext", "w") as out:
            out.write("subjectAltName=DNS:capture.test\nextendedKeyUsage=serverAuth\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "365",
                "-extfile", "ext", "-out", f"{name}.pem")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# Version, suites, certificate: the classic key exchanges, CBC and AEAD, and TLS 1.3.
KINDS = [
    ("TLSv1", "ECDHE-RSA-AES128-SHA", "rsa"),
    ("TLSv1_1", "AES256-SHA", "rsa"),
    ("TLSv1_2", "AES128-SHA256", "rsa"),
    ("TLSv1_2", "DHE-RSA-AES128-SHA", "rsa"),
    ("TLSv1_2", "ECDHE-ECDSA-AES128-GCM-SHA256", "ec"),
    ("TLSv1_2", "ECDHE-RSA-CHACHA20-POLY1305", "rsa"),
    ("TLSv1_3", None, "ec"),
    ("TLSv1_3", None, "rsa"),
]


def serve():
    servers = []
    for version, suites, certificate in KINDS:
        port = free_port()
        words = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", f"{certificate}.pem", "-key", f"{certificate}.key",
                 "-cert_chain", "ca.pem", "-WWW", "-quiet", "-no_cache", "-cipher", "ALL:@SECLEVEL=0", "-min_protocol", "TLSv1"]
        servers.append((port, version, suites, subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)))
    for port, *_ in servers:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.02)
    return servers


def client(version, suites):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    wanted = getattr(ssl.TLSVersion, version)
    context.minimum_version = context.maximum_version = wanted
    context.set_ciphers(f"{suites or 'ALL'}:@SECLEVEL=0")
    context.keylog_filename = "many.keys"
    return context


def talk(port, context, count):
    for _ in range(count):
        with socket.create_connection(("127.0.0.1", port)) as plain:
            with context.wrap_socket(plain, server_hostname="capture.test") as stream:
                stream.sendall(b"GET /body HTTP/1.0\r\n\r\n")
                while stream.recv(16384):
                    pass


certificates()
with open("body", "wb") as out:
    out.write(os.urandom(size))
open("many.keys", "w").close()
servers = serve()
ports = " or ".join(f"port {port}" for port, *_ in servers)
tcpdump = subprocess.Popen(["tcpdump", "-i", "lo", "-s", "0", "-B", "65536", "-U", "-w", "many.pcap", ports], stderr=subprocess.PIPE)
tcpdump.stderr.readline()
try:
    each = handshakes // len(servers)
    threads = [threading.Thread(target=talk, args=(port, client(version, suites), each)) for port, version, suites, _ in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(1)
finally:
    tcpdump.terminate()
    tcpdump.wait()
    for *_, server in servers:
        server.kill()
print(f"{folder}/many.pcap: {os.path.getsize('many.pcap') / 1e6:.0f} MB, {each * len(servers)} handshakes")
