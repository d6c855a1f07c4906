package dev.kimi.samples.benchmark.failover;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real HAProxy before a service, on the loopback interface and in a process of its own with a folder of its own, so
 * that faults are not only those that this project has thought of: its own 503, its tarpit, its way to stop and to die.
 */
final class Haproxy implements AutoCloseable {

    private static final String NO_FAULT = "none";
    private static final int PATIENCE_SECONDS = 20;

    private final Path executable;
    private final Path folder;
    private final int port;
    private final int commands;
    private Process process;

    private Haproxy(Path executable, Path folder, int port, int commands) throws IOException {
        this.executable = executable;
        this.folder = folder;
        this.port = port;
        this.commands = commands;
        this.process = launch();
        // which ends with its input and output no more than with its parent
        Runtime.getRuntime().addShutdownHook(new Thread(() -> process.destroyForcibly()));
    }

    /** Null where it is not installed. */
    static @Nullable Path executable() {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(place -> Path.of(place, "haproxy"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /** @param http {@code http1} or {@code h2}, which its clients speak without TLS */
    static Haproxy start(Path executable, String serviceUrl, String http) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("kimi-haproxy");
        int port = freePort();
        int commands = freePort();
        Files.writeString(folder.resolve("fault.map"), "fault " + NO_FAULT + "\n");
        Files.writeString(
                folder.resolve("haproxy.cfg"),
                String.join(
                        "\n",
                        List.of(
                                "global",
                                "  maxconn 8000",
                                "  stats socket ipv4@127.0.0.1:" + commands + " level admin",
                                "defaults",
                                "  mode http",
                                "  option http-no-delay",
                                "  timeout connect 5s",
                                "  timeout client 1h",
                                "  timeout server 1h",
                                "  timeout tarpit 1h",
                                "frontend kimi",
                                "  bind 127.0.0.1:" + port + (http.equals("h2") ? " proto h2" : ""),
                                "  http-request set-var(txn.fault) str(fault),map(" + folder.resolve("fault.map") + ")",
                                "  http-request tarpit if { var(txn.fault) -m str " + Fault.SILENCE.word() + " }",
                                "  http-request return status 429 hdr Retry-After 3600 content-type application/json"
                                        + " string '{\"error\":{\"type\":\"rate_limit_reached_error\","
                                        + "\"message\":\"Limit reached\"}}'"
                                        + " if { var(txn.fault) -m str " + Fault.LIMITED.word() + " }",
                                // without a server, which is its own 503, a page
                                "  use_backend nowhere if { var(txn.fault) -m str " + Fault.UNAVAILABLE.word() + " }",
                                "  default_backend service",
                                "backend nowhere",
                                "backend service",
                                "  server service 127.0.0.1:"
                                        + URI.create(serviceUrl).getPort(),
                                "")));
        Haproxy haproxy = new Haproxy(executable, folder, port, commands);
        haproxy.awaitStart();
        return haproxy;
    }

    String baseUrl() {
        return "http://127.0.0.1:" + port;
    }

    void begin(Fault fault) throws IOException, InterruptedException {
        if (fault == Fault.KILLED) {
            process.destroyForcibly().waitFor();
        } else if (fault == Fault.REFUSED) {
            // stops to listen, and ends when what is under way has
            new ProcessBuilder("kill", "-USR1", Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } else {
            say(fault.word());
        }
    }

    void end(Fault fault) throws IOException, InterruptedException {
        if (fault.closesPort()) {
            process = launch();
            awaitStart();
        } else {
            say(NO_FAULT);
        }
    }

    private void say(String fault) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), commands)) {
            String command = "set map " + folder.resolve("fault.map") + " fault " + fault + "\n";
            socket.getOutputStream().write(command.getBytes(StandardCharsets.US_ASCII));
            String said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            if (!said.isBlank()) {
                throw new IOException("haproxy does not take the command: " + said);
            }
        }
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(
                        executable.toString(),
                        "-db",
                        "-f",
                        folder.resolve("haproxy.cfg").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("console.log").toFile())
                .start();
    }

    private void awaitStart() throws IOException, InterruptedException {
        while (!accepts()) {
            if (process.waitFor(5, TimeUnit.MILLISECONDS)) {
                String said = Files.readString(folder.resolve("console.log"));
                throw new IOException("haproxy did not start: " + said);
            }
        }
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the folder of haproxy cannot be deleted", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
