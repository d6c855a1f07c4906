package dev.kimi.samples.benchmark.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What stands between client and upstream.
 *
 * @param name for the table
 * @param dialect what its clients speak
 * @param base where it listens
 * @param model what clients call the model
 * @param headers what requests to it need
 * @param process null for the upstream itself
 */
record Contender(
        String name,
        Dialect dialect,
        URI base,
        String model,
        Map<String, String> headers,
        @Nullable Process process) implements AutoCloseable {

    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** The upstream, without anything before it. */
    static Contender none(int upstream) {
        return new Contender(
                "none", Dialect.COMPLETIONS, uri(upstream), "kimi-k3", Map.of("authorization", "Bearer none"), null);
    }

    static Contender kimi(Path jar, Dialect dialect, int upstream, List<String> jvm) {
        int port = freePort();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of(
                "-jar",
                jar.toString(),
                "--server.port=" + port,
                "--kimi.api-key=none",
                "--kimi.base-url=" + uri(upstream),
                "--kimi.transport.max-connections=6000",
                "--kimi.timeout.total=1h",
                // The others write none either.
                "--logging.level.dev.kimi.gateway.requests=off"));
        Process process = start(new ProcessBuilder(command), port, "kimi-gateway.log");
        return new Contender(
                "kimi-gateway", dialect, uri(port), "kimi-k3", Map.of("authorization", "Bearer none"), process);
    }

    static Contender portkey(Path npm, int upstream) {
        int port = freePort();
        Path shim = npm.resolve("shim.mjs");
        write(shim, """
                // Appending to the headers of a response of fetch fails in current versions of Node.js 20
                const fetched = globalThis.fetch;
                const Plain = globalThis.Response;
                globalThis.fetch = async (...request) => {
                  const { body, status, statusText, headers } = await fetched(...request);
                  return new Plain(body, { status, statusText, headers: new Headers(headers) });
                };
                """);
        ProcessBuilder command = new ProcessBuilder(
                "node",
                "--import",
                shim.toUri().toString(),
                npm.resolve("node_modules/@portkey-ai/gateway/build/start-server.js")
                        .toString(),
                "--port=" + port,
                "--headless");
        Map<String, String> headers = Map.of(
                "authorization",
                "Bearer none",
                "x-portkey-provider",
                "openai",
                "x-portkey-custom-host",
                uri(upstream) + "/v1");
        return new Contender(
                "@portkey-ai/gateway",
                Dialect.COMPLETIONS,
                uri(port),
                "kimi-k3",
                headers,
                start(command, port, "portkey.log"));
    }

    static Contender router(Path npm, int upstream) {
        int port = freePort();
        Path home = npm.resolve("router-home");
        write(home.resolve(".claude-code-router/config.json"), """
                {"LOG":false,"HOST":"127.0.0.1","PORT":%d,"NON_INTERACTIVE_MODE":true,
                 "Providers":[{"name":"kimi","api_base_url":"%s/v1/chat/completions","api_key":"none",
                               "models":["kimi-k3"]}],
                 "Router":{"default":"kimi,kimi-k3"}}
                """.formatted(port, uri(upstream)));
        ProcessBuilder command = new ProcessBuilder(
                "node",
                npm.resolve("node_modules/@musistudio/claude-code-router/dist/cli.js")
                        .toString(),
                "start");
        command.environment().put("HOME", home.toString());
        return new Contender(
                "@musistudio/claude-code-router",
                Dialect.MESSAGES,
                uri(port),
                "claude-sonnet-5-5",
                Map.of("x-api-key", "none", "anthropic-version", "2023-06-01"),
                start(command, port, "router.log"));
    }

    /** User and system time of its process until now. */
    double cpuSeconds() {
        return process == null
                ? 0
                : process.toHandle().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
    }

    /** Memory of its process that is in use, in MiB. */
    long residentMib() {
        if (process == null) {
            return 0;
        }
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private static Process start(ProcessBuilder command, int port, String log) {
        try {
            Path output = Files.createTempDirectory("gateway-benchmark").resolve(log);
            Process process = command.redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            long deadline = Clock.now() + START_NANOS;
            while (!listens(port)) {
                if (!process.isAlive() || Clock.now() > deadline) {
                    process.destroyForcibly();
                    throw new IllegalStateException("it does not listen; see " + output);
                }
                Clock.waitUntil(Clock.now() + TimeUnit.MILLISECONDS.toNanos(100));
            }
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static URI uri(int port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
