package dev.kimi.faults;

import dev.kimi.test.support.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** A real tinyproxy on the loopback interface, in a process of its own with a folder of its own. */
final class Tinyproxy implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final boolean REQUIRED = Boolean.getBoolean("kimi.tinyproxy.required");

    private final Path folder;
    private final Process process;
    private final int port;

    private Tinyproxy(Path folder, Process process, int port) {
        this.folder = folder;
        this.process = process;
        this.port = port;
    }

    /** Skips the test where there is none, unless {@code kimi.tinyproxy.required} is set: then the start fails. */
    static void assumeInstalled() {
        Assumptions.assumeTrue(REQUIRED || executable() != null, "tinyproxy is not installed");
    }

    private static @Nullable Path executable() {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/bin", "/usr/sbin"))
                .map(place -> Path.of(place, "tinyproxy"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /** @param directives further ones, such as {@code BasicAuth user password} */
    static Tinyproxy start(String... directives) throws IOException {
        Path executable = executable();
        if (executable == null) {
            throw new IllegalStateException("tinyproxy is required, but not installed");
        }
        Path folder = Files.createTempDirectory("kimi-tinyproxy");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        Path log = folder.resolve("tinyproxy.log");
        Files.writeString(
                folder.resolve("tinyproxy.conf"),
                "Port " + port + "\nListen 127.0.0.1\nTimeout 60\nLogFile \"" + log + "\"\nLogLevel Connect\n"
                        + String.join("\n", directives) + "\n");
        Process process = new ProcessBuilder(
                        executable.toString(),
                        "-d",
                        "-c",
                        folder.resolve("tinyproxy.conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("console.log").toFile())
                .start();
        Tinyproxy proxy = new Tinyproxy(folder, process, port);
        if (!Eventually.holds(PATIENCE, () -> accepts(port) || !process.isAlive()) || !process.isAlive()) {
            String said = Files.readString(folder.resolve("console.log"));
            proxy.close();
            throw new IllegalStateException("tinyproxy did not start: " + said);
        }
        return proxy;
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** How often it was asked to connect to the port of this machine. */
    long connects(int target) throws IOException {
        try (Stream<String> lines = Files.lines(folder.resolve("tinyproxy.log"))) {
            return lines.filter(line -> line.contains("CONNECT 127.0.0.1:" + target + " "))
                    .count();
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
            throw new IllegalStateException("the folder of tinyproxy cannot be deleted", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
