import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * java Server.java PKCS12 PASSWORD PROTOCOL…: says its port, then serves until it is killed.
 *
 * <p>With -Deverything it takes what the JDK's security properties forbid.
 *
 * <p>With -Drenegotiates it asks for a second handshake behind the first.
 *
 * <p>With -Dclients=PEM it requires certificates of its clients that lead to the root in the file.
 */
class Server {
    public static void main(String[] arguments) throws Exception {
        boolean everything = System.getProperty("everything") != null;
        if (everything) {
            Security.setProperty("jdk.tls.disabledAlgorithms", "");
            Security.setProperty("jdk.tls.legacyAlgorithms", "");
            Security.setProperty("jdk.certpath.disabledAlgorithms", "");
        }
        char[] password = arguments[1].toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream file = new FileInputStream(arguments[0])) {
            store.load(file, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        String clients = System.getProperty("clients");
        context.init(keys.getKeyManagers(), clients == null ? null : trusting(clients), null);
        SSLServerSocketFactory factory = context.getServerSocketFactory();
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        SSLServerSocket listener = (SSLServerSocket) factory.createServerSocket(0, 50, loopback);
        if (arguments.length > 2) {
            listener.setEnabledProtocols(Arrays.copyOfRange(arguments, 2, arguments.length));
        }
        if (everything) {
            listener.setEnabledCipherSuites(listener.getSupportedCipherSuites());
        }
        listener.setNeedClientAuth(clients != null);
        System.out.println("port " + listener.getLocalPort());
        while (true) {
            SSLSocket connection = (SSLSocket) listener.accept();
            new Thread(() -> serve(connection)).start();
        }
    }

    private static TrustManager[] trusting(String root) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (FileInputStream file = new FileInputStream(root)) {
            store.setCertificateEntry("root", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
        managers.init(store);
        return managers.getTrustManagers();
    }

    /** Reads until the client is done; closing the socket answers its close_notify. */
    private static void serve(SSLSocket connection) {
        try (connection) {
            connection.startHandshake();
            if (System.getProperty("renegotiates") != null) {
                connection.startHandshake();
            }
            byte[] heard = new byte[4096];
            while (connection.getInputStream().read(heard) > 0) {}
        } catch (IOException e) {
            System.err.println(e);
        }
    }
}
