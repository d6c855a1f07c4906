package dev.kimi.gateway.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A proxy before two gateways, with the configuration of the documentation but for ports and files. */
final class ProxyProcess implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 20;

    private final Process process;

    private ProxyProcess(Process process) {
        this.process = process;
        // which ends with its input and output no more than with its parent
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    /** The proxies that there is a configuration for. */
    enum Kind {
        HAPROXY("haproxy", "haproxy.cfg"),
        NGINX("nginx", "nginx.conf");

        private final String command;
        private final String configuration;

        Kind(String command, String configuration) {
            this.command = command;
            this.configuration = configuration;
        }

        boolean isInstalled() {
            return executable() != null;
        }

        private @Nullable Path executable() {
            return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                    .map(place -> Path.of(place, command))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElse(null);
        }

        private List<String> arguments(Path folder) {
            return this == HAPROXY
                    ? List.of(String.valueOf(executable()), "-db", "-f", configuration)
                    : List.of(
                            String.valueOf(executable()),
                            "-p",
                            folder.toString(),
                            "-c",
                            configuration,
                            "-e",
                            "error.log",
                            "-g",
                            "daemon off; pid nginx.pid;");
        }

        private String adapted(String text) {
            return this == HAPROXY
                    ? text
                    : text.replace(
                            "http {",
                            "http {\n  access_log off;\n  client_body_temp_path temp;\n  proxy_temp_path temp;\n"
                                    + "  fastcgi_temp_path temp;\n  uwsgi_temp_path temp;\n  scgi_temp_path temp;\n");
        }
    }

    static ProxyProcess start(Kind kind, Path documented, Path folder, int port, int one, int two)
            throws IOException, InterruptedException {
        String configuration = kind.adapted(Files.readString(documented.resolve(kind.configuration)))
                .replace("127.0.0.1:8080", "127.0.0.1:" + port)
                .replace("127.0.0.1:8787", "127.0.0.1:" + one)
                .replace("127.0.0.1:8788", "127.0.0.1:" + two);
        Files.writeString(folder.resolve(kind.configuration), configuration);
        Process process = new ProcessBuilder(kind.arguments(folder))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("console.log").toFile())
                .start();
        while (!accepts(port)) {
            if (process.waitFor(5, TimeUnit.MILLISECONDS)) {
                throw new IOException(kind + " did not start: " + Files.readString(folder.resolve("console.log")));
            }
        }
        return new ProxyProcess(process);
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
