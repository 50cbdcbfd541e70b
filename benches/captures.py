#!/usr/bin/env python3
"""Makes the captures that benches/captures.sh measures with, unless they are there: captures.py DIRECTORY

many.pcap   5 000 handshakes of TLS 1.0 to 1.3, RSA, DHE and ECDHE, with RSA and ECDSA certificates, with nginx, openssl
            s_server and gnutls-serv on loopback, each with an HTTP response of some KiB
many.keys   their key log
large.pcap  the same, so often that it has 1 GB: each time between other addresses, and later
ca.pem      whom to trust

It takes about a minute. tcpdump needs CAP_NET_RAW.
"""

import os
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import warnings

HANDSHAKES = 5000
LARGE = 1_000_000_000
BODY = 15_000
NGINX, S_SERVER, GNUTLS = PORTS = 18443, 18444, 18445

# Version, OpenSSL's name of the suites, ports. s_server has a certificate of each kind; TLS 1.3 takes ECDSA.
KINDS = [
    ("TLSv1_3", None, PORTS),
    ("TLSv1_3", None, PORTS),
    ("TLSv1_3", None, PORTS),
    ("TLSv1_2", "ECDHE-RSA-AES128-GCM-SHA256", PORTS),
    ("TLSv1_2", "ECDHE-ECDSA-AES256-GCM-SHA384", PORTS),
    ("TLSv1_2", "ECDHE-RSA-CHACHA20-POLY1305", PORTS),
    ("TLSv1_2", "AES256-GCM-SHA384", PORTS),
    ("TLSv1_2", "DHE-RSA-AES128-SHA", [NGINX, S_SERVER]),
    ("TLSv1_1", "ECDHE-RSA-AES128-SHA", [NGINX, S_SERVER]),
    ("TLSv1", "AES128-SHA", [NGINX, S_SERVER]),
]


def run(*command, **more):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)


def certificates():
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
        "-days", "3650", "-subj", "/CN=Benchmark CA", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    names = "subjectAltName=DNS:*.bench.example\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n"
    pathlib.Path("ext").write_text(names + "keyUsage=critical,digitalSignature,keyEncipherment\n")
    for name, key in [("rsa", ["rsa:2048"]), ("ec", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])]:
        run("openssl", "req", "-newkey", *key, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
            "-subj", "/CN=bench.example")
        run("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "300", "-extfile", "ext", "-out", f"{name}.pem")
    run("openssl", "dhparam", "-dsaparam", "-out", "dh.pem", "2048")


def servers(directory):
    pathlib.Path("body").write_bytes(os.urandom(BODY))
    pathlib.Path("nginx.conf").write_text(f"""
        daemon off; worker_processes 1; pid {directory}/nginx.pid; error_log {directory}/nginx.log;
        {"user root;" if os.geteuid() == 0 else ""}
        events {{ }}
        http {{
            access_log off; client_body_temp_path {directory}/tmp; proxy_temp_path {directory}/tmp;
            fastcgi_temp_path {directory}/tmp; uwsgi_temp_path {directory}/tmp; scgi_temp_path {directory}/tmp;
            server {{
                listen 127.0.0.1:{NGINX} ssl; root {directory};
                ssl_certificate rsa.pem; ssl_certificate_key rsa.key;
                ssl_certificate ec.pem; ssl_certificate_key ec.key;
                ssl_dhparam dh.pem; ssl_ecdh_curve X25519:P-256;
                ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0;
            }}
        }}""")
    s_server = ["openssl", "s_server", "-port", str(S_SERVER), "-cert", "rsa.pem", "-key", "rsa.key",
                "-dcert", "ec.pem", "-dkey", "ec.key", "-dhparam", "dh.pem", "-cipher", "ALL:@SECLEVEL=0",
                "-min_protocol", "TLSv1", "-HTTP", "-quiet"]
    gnutls = ["gnutls-serv", "--http", "-p", str(GNUTLS), "--x509certfile", "rsa.pem", "--x509keyfile", "rsa.key",
              "--x509certfile", "ec.pem", "--x509keyfile", "ec.key", "--disable-client-cert",
              "--priority", "NORMAL:+VERS-TLS1.0:+VERS-TLS1.1:+RSA"]
    nginx = ["nginx", "-p", str(directory), "-c", f"{directory}/nginx.conf"]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    # s_server ends with its standard input.
    return [subprocess.Popen(command, **quiet) for command in (nginx, s_server, gnutls)]


def contexts():
    # What is old is meant to be.
    warnings.simplefilter("ignore", DeprecationWarning)
    made = []
    for version, suites, ports in KINDS:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers(f"{suites or 'ALL'}:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
        context.keylog_filename = "many.keys"
        made.append((context, ports))
    return made


def talk(context, port, name):
    """One connection; whether its handshake was complete."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as tcp:
            with context.wrap_socket(tcp, server_hostname=name) as tls:
                tls.sendall(b"GET /body HTTP/1.0\r\n\r\n")
                while tls.recv(65536):
                    pass
                return True
    except (ssl.SSLError, OSError):
        return False


def handshakes():
    made, complete = contexts(), [0, 0]

    def half(which):
        for number in range(which, HANDSHAKES, 2):
            context, ports = made[number % len(made)]
            port = ports[(number // len(made)) % len(ports)]
            complete[which] += talk(context, port, f"host{number % 100}.bench.example")

    threads = [threading.Thread(target=half, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(complete)


def wait_for(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"nothing listens on port {port}")


def many(directory):
    for program in ("openssl", "nginx", "gnutls-serv", "tcpdump"):
        if not shutil.which(program):
            sys.exit(f"{program} is not there")
    certificates()
    pathlib.Path("many.keys").unlink(missing_ok=True)
    started = servers(directory)
    try:
        for port in PORTS:
            wait_for(port)
        filter_ = " or ".join(f"port {port}" for port in PORTS)
        user = ["-Z", "root"] if os.geteuid() == 0 else []
        dump = subprocess.Popen(["tcpdump", *user, "-i", "lo", "-B", "65536", "-w", "part.pcap", "-U", filter_],
                                stderr=subprocess.DEVNULL)
        time.sleep(2)
        if dump.poll() is not None:
            sys.exit("tcpdump can't capture on loopback: it needs CAP_NET_RAW")
        complete = handshakes()
        time.sleep(1)
        dump.terminate()
        dump.wait()
    finally:
        for server in started:
            server.terminate()
            server.wait()
    size = os.path.getsize("part.pcap")
    print(f"many.pcap: {size / 1e6:.0f} MB, {HANDSHAKES} handshakes, {complete} complete", file=sys.stderr)
    os.rename("part.pcap", "many.pcap")


def large():
    """The packets of many.pcap (Ethernet, IPv4) with 127.0.0.1 as 127.1.N.1, each round ten minutes after the one before."""
    whole = pathlib.Path("many.pcap").read_bytes()
    assert struct.unpack_from("<I", whole)[0] == 0xA1B2C3D4, "tcpdump writes pcap in microseconds"
    places, at = [], 24
    while at < len(whole):
        places.append(at)
        at += 16 + struct.unpack_from("<I", whole, at + 8)[0]
    with open("part.pcap", "wb") as out:
        out.write(whole[:24])
        for number in range(-(-LARGE // len(whole))):
            body = bytearray(whole)
            address = bytes([127, 1, number, 1])
            for at in places:
                seconds = struct.unpack_from("<I", body, at)[0]
                struct.pack_into("<I", body, at, seconds + number * 600)
                body[at + 42:at + 46] = body[at + 46:at + 50] = address
            out.write(body[24:])
    os.rename("part.pcap", "large.pcap")


def main():
    directory = pathlib.Path(sys.argv[1]).absolute()
    directory.mkdir(parents=True, exist_ok=True)
    os.chdir(directory)
    if not os.path.exists("many.pcap"):
        many(directory)
    if not os.path.exists("large.pcap"):
        large()


main()
