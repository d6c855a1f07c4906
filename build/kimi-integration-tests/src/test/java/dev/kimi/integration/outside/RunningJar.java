package dev.kimi.integration.outside;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process with {@code java -jar}, with none of this process's variables that hold settings. */
final class RunningJar implements AutoCloseable {

    private static final Pattern PORT = Pattern.compile("(?:Tomcat|Netty) started on port (\\d+)");
    private static final long PATIENCE_SECONDS = 120;

    private final HttpClient http = HttpClient.newHttpClient();
    private final StringBuffer output = new StringBuffer();
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final CompletableFuture<String> whole = new CompletableFuture<>();
    private final Process process;

    private RunningJar(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "output");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts it with variables of its own; the arguments are those of the application. */
    static RunningJar start(Jar jar, Map<String, String> variables, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(System.getProperty("java.home") + "/bin/java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        if (jar.aheadOfTime()) {
            command.add("-Dspring.aot.enabled=true");
        }
        command.addAll(List.of("-jar", jar.path().toString(), "--server.port=0", "--server.address=127.0.0.1"));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.matches("(KIMI|SPRING|SECOND|JAVA_TOOL|JDK_JAVA).*"));
        builder.environment().putAll(variables);
        return new RunningJar(builder.start());
    }

    /** Requests a path with its query, which waits for the web server to be started. */
    CompletableFuture<HttpResponse<String>> send(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + port.get(PATIENCE_SECONDS, TimeUnit.SECONDS) + path);
        return http.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    /** The body of a response with status 200. */
    String get(String path) throws Exception {
        return body(send(path));
    }

    String body(CompletableFuture<HttpResponse<String>> sent) throws Exception {
        HttpResponse<String> response = sent.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (response.statusCode() != 200) {
            throw new AssertionError(response + "\n" + response.body() + "\n" + output);
        }
        return response.body();
    }

    /** Asks it to end, as SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** Waits for its end. */
    int exitCode() throws Exception {
        return process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS).exitValue();
    }

    /** All it has written; waits for its end. */
    String output() throws Exception {
        return whole.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void read() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.append(line).append('\n');
                Matcher started = PORT.matcher(line);
                if (started.find()) {
                    port.complete(Integer.valueOf(started.group(1)));
                }
            }
        } catch (IOException e) {
            output.append(e);
        } finally {
            port.completeExceptionally(new AssertionError("it has ended without a web server:\n" + output));
            whole.complete(output.toString());
        }
    }
}
