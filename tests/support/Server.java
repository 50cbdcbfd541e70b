import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.security.KeyStore;
import java.util.Arrays;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSocket;

/** java Server.java PKCS12 PASSWORD PROTOCOL…: says its port, then serves until it is killed. */
class Server {
    public static void main(String[] arguments) throws Exception {
        char[] password = arguments[1].toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream file = new FileInputStream(arguments[0])) {
            store.load(file, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocketFactory factory = context.getServerSocketFactory();
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        SSLServerSocket listener = (SSLServerSocket) factory.createServerSocket(0, 50, loopback);
        if (arguments.length > 2) {
            listener.setEnabledProtocols(Arrays.copyOfRange(arguments, 2, arguments.length));
        }
        System.out.println("port " + listener.getLocalPort());
        while (true) {
            SSLSocket connection = (SSLSocket) listener.accept();
            new Thread(() -> serve(connection)).start();
        }
    }

    /** Reads until the client is done; closing the socket answers its close_notify. */
    private static void serve(SSLSocket connection) {
        try (connection) {
            connection.startHandshake();
            byte[] heard = new byte[4096];
            while (connection.getInputStream().read(heard) > 0) {}
        } catch (IOException e) {
            System.err.println(e);
        }
    }
}
