package dev.kimi.samples.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The simulator in a process of its own, so that its CPU time is not the client's. */
final class ServerProcess implements AutoCloseable {

    private static final String SIMULATOR = "dev.kimi.test.KimiSimulatorMain";

    private final Process process;
    private final String baseUrl;

    private ServerProcess(Process process, String baseUrl) {
        this.process = process;
        this.baseUrl = baseUrl;
    }

    /** @param further options of the simulator */
    static ServerProcess start(int gapMillis, int tokens, String... further) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                SIMULATOR,
                "--until-eof",
                "--no-validation",
                "--no-gzip",
                "--ttft",
                String.valueOf(gapMillis),
                "--gap",
                String.valueOf(gapMillis),
                "--tokens",
                String.valueOf(tokens)));
        command.addAll(List.of(further));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String baseUrl = output.readLine();
        if (baseUrl == null) {
            process.destroy();
            throw new IOException("the server did not start");
        }
        return new ServerProcess(process, baseUrl);
    }

    String baseUrl() {
        return baseUrl;
    }

    @Override
    public void close() {
        process.destroy();
    }
}
