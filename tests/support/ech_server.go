// A TLS 1.3 server with Encrypted Client Hello, for tests/interop_ech.rs.
//
// ech_server DIR MODE: writes root.pem, list.b64 (the current ECHConfigList), old.b64 (of the same public name, with a key
// that the server does not have), wrong.b64 (a public name that its certificate lacks) into DIR, prints its port and serves.
// MODE: accept; retry (HelloRetryRequest first); none (it has no ECH).
package main

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const public, secret = "public.example", "secret.example"

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func vector(width int, content []byte) []byte {
	length := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	return append(length[4-width:], content...)
}

// An ECHConfig (RFC 9849, section 4) with a key of X25519.
func config(id byte, name string) (*ecdh.PrivateKey, []byte) {
	key := must(ecdh.X25519().GenerateKey(rand.Reader))
	content := []byte{id, 0x00, 0x20}
	content = append(content, vector(2, key.PublicKey().Bytes())...)
	content = append(content, vector(2, []byte{0, 1, 0, 1, 0, 1, 0, 3})...)
	content = append(content, 32)
	content = append(content, vector(1, []byte(name))...)
	content = append(content, 0, 0)
	return key, append([]byte{0xfe, 0x0d}, vector(2, content)...)
}

func certificate(key *ecdsa.PrivateKey, parent *x509.Certificate, signer *ecdsa.PrivateKey, names ...string) []byte {
	template := &x509.Certificate{
		SerialNumber: must(rand.Int(rand.Reader, big.NewInt(1<<62))),
		Subject:      pkix.Name{CommonName: "ECH test"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(90 * 24 * time.Hour),
		DNSNames:     names,
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	if parent == nil {
		parent, template.IsCA, template.BasicConstraintsValid = template, true, true
		template.KeyUsage = x509.KeyUsageCertSign
		template.Subject.CommonName = "ECH test root"
	} else {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	return must(x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer))
}

func main() {
	directory, mode := os.Args[1], os.Args[2]
	write := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(directory, name), content, 0o644); err != nil {
			panic(err)
		}
	}
	rootKey := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	root := certificate(rootKey, nil, rootKey)
	parsed := must(x509.ParseCertificate(root))
	write("root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}))
	leaf := func(names ...string) *tls.Certificate {
		key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
		return &tls.Certificate{Certificate: [][]byte{certificate(key, parsed, rootKey, names...)}, PrivateKey: key}
	}
	publicLeaf, secretLeaf := leaf(public), leaf(secret)

	key, current := config(7, public)
	_, old := config(9, public)
	_, wrong := config(9, "wrong.example")
	list := func(name string, config []byte) {
		bytes := vector(2, config)
		write(name+".b64", []byte(base64.StdEncoding.EncodeToString(bytes)+"\n"))
		write(name+".pem", pem.EncodeToMemory(&pem.Block{Type: "ECHCONFIG", Bytes: bytes}))
	}
	list("list", current)
	list("old", old)
	list("wrong", wrong)

	settings := &tls.Config{
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName == secret {
				return secretLeaf, nil
			}
			return publicLeaf, nil
		},
	}
	if mode != "none" {
		settings.EncryptedClientHelloKeys = []tls.EncryptedClientHelloKey{
			{Config: current, PrivateKey: key.Bytes(), SendAsRetry: true},
		}
	}
	if mode == "retry" {
		settings.CurvePreferences = []tls.CurveID{tls.CurveP384}
	}
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	fmt.Printf("PORT %d\n", listener.Addr().(*net.TCPAddr).Port)
	for {
		connection := must(listener.Accept())
		go func() {
			defer connection.Close()
			server := tls.Server(connection, settings)
			if err := server.Handshake(); err != nil {
				fmt.Println("handshake:", err)
				return
			}
			state := server.ConnectionState()
			fmt.Printf("accepted %v name %q\n", state.ECHAccepted, state.ServerName)
			// What is said comes back.
			_, _ = io.Copy(server, server)
			_ = server.CloseWrite()
		}()
	}
}
