"""QUIC connections made by aioquic, as a capture file.

quic.py FILE CASE: CASE is one of plain, v2, retry, large, refused. A relay between client and server writes each datagram to FILE (pcap,
raw IP). `large`: the ClientHello needs two datagrams. `refused`: no ALPN protocol in common, which the server answers with an alert.
"""

import asyncio
import datetime
import ssl
import struct
import sys
import tempfile
import time

from aioquic.asyncio import connect, serve
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.packet import QuicProtocolVersion
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "quic.tls-trace.test"
CLIENT, SERVER = ((192, 0, 2, 1), 50000), ((192, 0, 2, 2), 443)


class Relay(asyncio.DatagramProtocol):
    """Passes datagrams on, and writes them down."""

    def __init__(self, server, out):
        self.server, self.out, self.client = server, out, None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, sender):
        from_server = sender[1] == self.server[1]
        if not from_server:
            self.client = sender
        self.write(data, *((SERVER, CLIENT) if from_server else (CLIENT, SERVER)))
        self.transport.sendto(data, self.client if from_server else self.server)

    def write(self, data, source, target):
        udp = struct.pack("!HHHH", source[1], target[1], 8 + len(data), 0) + data
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0)
        packet = ip + bytes(source[0]) + bytes(target[0]) + udp
        now = time.time_ns() // 1000
        self.out.write(struct.pack("<IIII", now // 1000000, now % 1000000, len(packet), len(packet)) + packet)


def certificate(configuration):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), False)
    with tempfile.NamedTemporaryFile() as chain, tempfile.NamedTemporaryFile() as private:
        chain.write(built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        pkcs8 = serialization.PrivateFormat.PKCS8
        private.write(key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption()))
        chain.flush(), private.flush()
        configuration.load_cert_chain(chain.name, private.name)


async def main(file, case):
    protocols = ["h3", "hq-interop"]
    server = QuicConfiguration(is_client=False, alpn_protocols=protocols)
    certificate(server)
    client = QuicConfiguration(alpn_protocols=protocols, server_name=NAME, verify_mode=ssl.CERT_NONE)
    if case == "v2":
        client.original_version = QuicProtocolVersion.VERSION_2
        client.supported_versions = server.supported_versions = [QuicProtocolVersion.VERSION_2]
    if case == "large":
        client.alpn_protocols = protocols + [f"protocol-{n:03}" for n in range(120)]
    if case == "refused":
        client.alpn_protocols = ["none"]
    listening = await serve("127.0.0.1", 0, configuration=server, retry=case == "retry")
    address = listening._transport.get_extra_info("sockname")
    with open(file, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        loop = asyncio.get_running_loop()
        relay, _ = await loop.create_datagram_endpoint(lambda: Relay(address, out), ("127.0.0.1", 0))
        try:
            to = relay.get_extra_info("sockname")
            async with connect(*to[:2], configuration=client, local_port=0) as connection:
                await connection.ping()
        except ConnectionError:
            if case != "refused":
                raise
        await asyncio.sleep(0.1)


asyncio.run(main(*sys.argv[1:]))
