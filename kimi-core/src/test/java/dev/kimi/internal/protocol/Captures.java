package dev.kimi.internal.protocol;

import dev.kimi.transport.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** A folder of recorded responses, given by the system property {@code kimi.captures}; not part of this repository. */
public final class Captures {

    private static final Pattern STATUS = Pattern.compile("HTTP/\\S+ (\\d{3})");

    private Captures() {}

    /** One recorded response; the status is 0 where only a body was kept. */
    public record Recording(int status, Headers headers, byte[] body) {
        public boolean isStream() {
            String type = headers.first("content-type");
            return type != null && type.startsWith("text/event-stream");
        }
    }

    /** The folder, or null when the property is not set. */
    public static @Nullable Path folder() {
        String folder = System.getProperty("kimi.captures", "");
        return folder.isBlank() ? null : Path.of(folder);
    }

    /** Ends a test as skipped where there is no folder. */
    public static Path required() {
        Path folder = folder();
        Assumptions.assumeTrue(folder != null, "-Dkimi.captures is not set");
        return folder == null ? Path.of("") : folder;
    }

    /** All files below the given folders of the captures, by their path from there. */
    public static List<String> files(String... below) {
        Path root = required();
        return Arrays.stream(below)
                .flatMap(name -> walk(root.resolve(name)))
                .map(path -> root.relativize(path).toString().replace('\\', '/'))
                .sorted()
                .toList();
    }

    public static Recording read(String file) {
        try {
            byte[] bytes = Files.readAllBytes(required().resolve(file));
            return file.endsWith(".http") ? http(bytes) : new Recording(0, headers(file), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The rows of a table in the resources beside a test, without its comments. */
    public static List<String[]> table(Class<?> beside, String name) {
        try (InputStream in = beside.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("no table " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split("\t"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Headers headers(String file) {
        return Headers.builder()
                .add("content-type", file.endsWith(".sse") ? "text/event-stream" : "application/json")
                .build();
    }

    private static Recording http(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        List<String> head = text.substring(0, end).lines().toList();
        Matcher status = STATUS.matcher(head.get(0));
        if (!status.lookingAt()) {
            throw new IllegalStateException("no status line");
        }
        Headers.Builder headers = Headers.builder();
        for (String line : head.subList(1, head.size())) {
            int colon = line.indexOf(':');
            headers.add(line.substring(0, colon), line.substring(colon + 1).trim());
        }
        byte[] body = Arrays.copyOfRange(bytes, end + 4, bytes.length);
        return new Recording(Integer.parseInt(status.group(1)), headers.build(), body);
    }

    private static Stream<Path> walk(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(Files::isRegularFile).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
