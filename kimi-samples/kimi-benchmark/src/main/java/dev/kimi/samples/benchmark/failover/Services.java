package dev.kimi.samples.benchmark.failover;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Both services in a process of their own, and HAProxy before Kimi where it is wanted. Not thread-safe. */
final class Services implements AutoCloseable {

    private final Process process;
    private final BufferedReader said;
    private final OutputStream commands;
    private final String kimiUrl;
    private final String claudeUrl;
    private final @Nullable Haproxy haproxy;

    private Services(Process process, @Nullable Path haproxy, String http) throws IOException, InterruptedException {
        this.process = process;
        this.said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.commands = process.getOutputStream();
        String[] urls = line().split(" ");
        this.haproxy = haproxy == null ? null : Haproxy.start(haproxy, urls[0], http);
        this.kimiUrl = this.haproxy == null ? urls[0] : this.haproxy.baseUrl();
        this.claudeUrl = urls[1];
    }

    /** @param haproxy the executable, or null for a simulator that fails by itself */
    static Services start(@Nullable Path haproxy, String http) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ServicesMain.class.getName()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new Services(process, haproxy, http);
    }

    String kimiUrl() {
        return kimiUrl;
    }

    String claudeUrl() {
        return claudeUrl;
    }

    void begin(Fault fault) throws IOException, InterruptedException {
        if (haproxy == null || fault.isWithinResponse()) {
            command("begin " + fault.word());
        } else {
            haproxy.begin(fault);
        }
    }

    /** The service is back when this returns. */
    void end(Fault fault) throws IOException, InterruptedException {
        if (haproxy == null || fault.isWithinResponse()) {
            command("end " + fault.word());
        } else {
            haproxy.end(fault);
        }
    }

    /** What was counted since the last time. */
    Billing billing() throws IOException {
        return Billing.parse(command("billing"));
    }

    private String command(String command) throws IOException {
        commands.write((command + "\n").getBytes(StandardCharsets.UTF_8));
        commands.flush();
        return line();
    }

    private String line() throws IOException {
        String line = said.readLine();
        if (line == null) {
            throw new IOException("the services ended before their time");
        }
        return line;
    }

    @Override
    public void close() {
        if (haproxy != null) {
            haproxy.close();
        }
        process.destroy();
    }
}
