"""A TLS server with a post-quantum chain: OpenSSL 4 out of the wheel of `cryptography`, driven by pyOpenSSL.

pq_server.py FOLDER KIND [GROUPS]: KIND is 44, 65 or 87, or ec for a chain of today; GROUPS as OpenSSL's lists are. Writes root.pem into FOLDER, says `ACCEPT 127.0.0.1:PORT`, and serves
one connection after the other until it is killed.
"""
import datetime
import socket
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from OpenSSL import SSL

folder, kind = sys.argv[1], sys.argv[2]
generate = {
    "44": mldsa.MLDSA44PrivateKey.generate,
    "65": mldsa.MLDSA65PrivateKey.generate,
    "87": mldsa.MLDSA87PrivateKey.generate,
    "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
}[kind]
digest = hashes.SHA256() if kind == "ec" else None


def issue(name, key, issuer, issuer_key, extensions):
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=90))
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)
    return builder.sign(issuer_key, digest)


def usage(*given):
    names = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{name: name in given for name in names})


def named(name):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def write(name, text):
    with open(f"{folder}/{name}", "wb") as file:
        file.write(text)
    return f"{folder}/{name}"


root_key, leaf_key = generate(), generate()
root = issue(named("Post-quantum Root"), root_key, named("Post-quantum Root"), root_key,
             [(x509.BasicConstraints(True, None), True), (usage("key_cert_sign", "crl_sign"), True)])
leaf = issue(named("localhost"), leaf_key, root.subject, root_key,
             [(x509.BasicConstraints(False, None), True), (usage("digital_signature"), True),
              (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False),
              (x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)])
pem = serialization.Encoding.PEM
write("root.pem", root.public_bytes(pem))
key = leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

context = SSL.Context(SSL.TLS_SERVER_METHOD)
context.use_certificate_chain_file(write("leaf.pem", leaf.public_bytes(pem)))
context.use_privatekey_file(write("leaf.key", key))
if len(sys.argv) > 3:
    # pyOpenSSL has no name for it; the list of curves is the list of groups by its old name.
    assert SSL._lib.SSL_CTX_set1_curves_list(context._context, sys.argv[3].encode()) == 1, sys.argv[3]
listener = socket.create_server(("127.0.0.1", 0))
print(f"ACCEPT 127.0.0.1:{listener.getsockname()[1]}", flush=True)
while True:
    connection = SSL.Connection(context, listener.accept()[0])
    connection.set_accept_state()
    try:
        connection.do_handshake()
        connection.recv(1)
        connection.shutdown()
    except SSL.Error as error:
        print(f"{error!r}", flush=True)
    connection.close()
