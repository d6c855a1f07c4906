package dev.kimi.faults;

import dev.kimi.test.support.Eventually;
import dev.kimi.test.support.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A real nginx on the loopback interface, in a process of its own with a folder of its own: a server that nobody here
 * wrote. It either passes requests on to a port or, without one, responds itself. Its access log counts how often it
 * served each request, by the header {@value #ID}.
 */
final class Nginx implements AutoCloseable {

    /** The request header by which {@link #served()} counts. */
    static final String ID = "x-request-number";

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final boolean REQUIRED = Boolean.getBoolean("kimi.nginx.required");

    private final Path folder;
    private final Process process;
    private final int port;
    private final boolean tls;

    private Nginx(Path folder, Process process, int port, boolean tls) {
        this.folder = folder;
        this.process = process;
        this.port = port;
        this.tls = tls;
    }

    /** Skips the test where there is no nginx, unless {@code kimi.nginx.required} is set: then the start fails. */
    static void assumeInstalled() {
        Assumptions.assumeTrue(REQUIRED || executable() != null, "nginx is not installed");
    }

    static Builder builder() {
        return new Builder();
    }

    private static @Nullable Path executable() {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(place -> Path.of(place, "nginx"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    int port() {
        return port;
    }

    String baseUrl() {
        return (tls ? "https" : "http") + "://127.0.0.1:" + port;
    }

    /** Replaces all workers, as after a change of the configuration; the old ones finish what they have begun. */
    void reload() {
        long before = workersStarted();
        try {
            new ProcessBuilder("kill", "-HUP", Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new IllegalStateException("kill cannot be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!Eventually.holds(PATIENCE, () -> workersStarted() > before)) {
            throw new IllegalStateException("nginx did not reload: " + errors());
        }
    }

    private long workersStarted() {
        return lines("error.log")
                .filter(line -> line.contains("start worker process "))
                .count();
    }

    /** How often each request was served, by its number; requests that nginx has not finished are not in it. */
    Map<String, Long> served() {
        return lines("access.log").collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    /** What nginx wrote to its error log. */
    String errors() {
        return lines("error.log").collect(Collectors.joining("\n"));
    }

    private Stream<String> lines(String name) {
        try {
            Path file = folder.resolve(name);
            return Files.exists(file) ? Files.readAllLines(file).stream() : Stream.empty();
        } catch (IOException e) {
            throw new IllegalStateException("the log of nginx cannot be read", e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("the folder of nginx cannot be deleted", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What nginx is to do. */
    static final class Builder {
        private @Nullable TestCertificate certificate;
        private boolean http2;
        private int upstream;
        private String directives = "";

        private Builder() {}

        Builder tls(TestCertificate shown) {
            this.certificate = shown;
            return this;
        }

        /** Speaks HTTP/2: by ALPN with TLS, by prior knowledge only without. */
        Builder http2() {
            this.http2 = true;
            return this;
        }

        /** Passes requests on to that port of the loopback interface, over kept connections of HTTP/1.1. */
        Builder upstream(int loopbackPort) {
            this.upstream = loopbackPort;
            return this;
        }

        /** Further directives for the server, such as {@code keepalive_requests 10;}. */
        Builder directives(String more) {
            this.directives = more;
            return this;
        }

        Nginx start() throws IOException {
            Path executable = executable();
            if (executable == null) {
                throw new IllegalStateException("nginx is required, but not installed");
            }
            Path folder = Files.createTempDirectory("kimi-nginx");
            int port = freePort();
            Files.writeString(folder.resolve("nginx.conf"), configuration(folder, port));
            Process process = new ProcessBuilder(
                            executable.toString(), "-p", folder.toString(), "-c", "nginx.conf", "-e", "error.log")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("console.log").toFile())
                    .start();
            Nginx nginx = new Nginx(folder, process, port, certificate != null);
            if (!Eventually.holds(PATIENCE, () -> accepts(port) || !process.isAlive()) || !process.isAlive()) {
                String said = nginx.lines("console.log").collect(Collectors.joining("\n")) + nginx.errors();
                nginx.close();
                throw new IllegalStateException("nginx did not start: " + said);
            }
            return nginx;
        }

        private String configuration(Path folder, int port) throws IOException {
            String listen = "127.0.0.1:" + port + (certificate == null ? "" : " ssl") + (http2 ? " http2" : "");
            String ssl = "";
            if (certificate != null) {
                Files.writeString(folder.resolve("cert.pem"), certificate.certificate());
                Files.write(folder.resolve("key.pem"), certificate.pkcs8());
                ssl = "ssl_certificate cert.pem; ssl_certificate_key key.pem;";
            }
            String response = upstream == 0
                    ? "default_type application/json; return 200 '{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,"
                            + "\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}';"
                    : "proxy_pass http://upstream; proxy_http_version 1.1; proxy_set_header Connection '';"
                            + " proxy_buffering off; proxy_request_buffering off; proxy_next_upstream off;";
            String kept =
                    upstream == 0 ? "" : "upstream upstream { server 127.0.0.1:" + upstream + "; keepalive 256; }";
            return String.join(
                    "\n",
                    List.of(
                            Files.getOwner(folder).getName().equals("root") ? "user root;" : "",
                            "daemon off; worker_processes 2; pid nginx.pid; error_log error.log notice;",
                            "events { worker_connections 4096; }",
                            "http {",
                            "  log_format numbers '$http_" + ID.replace('-', '_') + "';",
                            "  access_log access.log numbers;",
                            "  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;",
                            "  uwsgi_temp_path uwsgi; scgi_temp_path scgi; client_max_body_size 100m;",
                            kept,
                            "  server { listen " + listen + "; " + ssl,
                            directives,
                            "    location / { " + response + " } } }"));
        }

        private static int freePort() throws IOException {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            }
        }

        private static boolean accepts(int port) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return true;
            } catch (IOException notYet) {
                return false;
            }
        }
    }
}
