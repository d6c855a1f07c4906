package dev.kimi.gateway.server;

import dev.kimi.test.support.Eventually;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packaged gateway in a process of its own. */
final class GatewayProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Path jar;
    private final Path output;
    private final int port;
    private final List<String> settings;
    private Process process;

    private GatewayProcess(Path jar, Path output, int port, List<String> settings) throws IOException {
        this.jar = jar;
        this.output = output;
        this.port = port;
        this.settings = settings;
        this.process = launch();
        // which ends with its input and output no more than with its parent
        Runtime.getRuntime().addShutdownHook(new Thread(() -> process.destroyForcibly()));
    }

    static GatewayProcess start(Path jar, Path output, int port, String... settings) throws IOException {
        return new GatewayProcess(jar, output, port, Arrays.asList(settings));
    }

    /** Starts it again after its end. */
    void restart() throws IOException {
        process = launch();
    }

    private Process launch() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-jar",
                jar.toString(),
                "--server.port=" + port,
                "--server.address=127.0.0.1"));
        settings.forEach(setting -> command.add("--" + setting));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment()
                .keySet()
                .removeIf(name -> name.matches("(KIMI|ANTHROPIC|GATEWAY|SPRING|JAVA_TOOL|JDK_JAVA).*"));
        return builder.start();
    }

    void awaitReady() {
        if (!Eventually.holds(PATIENCE, this::isReady)) {
            throw new AssertionError("the gateway is not ready:\n" + output());
        }
    }

    private boolean isReady() {
        if (!process.isAlive()) {
            throw new AssertionError("the gateway has ended:\n" + output());
        }
        try {
            URI readiness = URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness");
            return HttpClient.newHttpClient()
                            .send(HttpRequest.newBuilder(readiness).build(), BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** SIGTERM, and its end. */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the gateway does not end:\n" + output());
        }
        return process.exitValue();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    int port() {
        return port;
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
