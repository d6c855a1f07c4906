package dev.kimi.test.sdk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A folder of recorded responses, given by the system property {@code kimi.captures}; not part of this repository. */
final class Recordings {

    private static final Path FOLDER = Path.of(System.getProperty("kimi.captures", ""));

    private Recordings() {}

    /** A recorded body; a stream as an event stream, whatever the file has of it. */
    record Recording(String file, byte[] body, boolean isStream) {

        @Override
        public String toString() {
            return file;
        }
    }

    /** The files below a folder of the recordings, in their order. */
    static List<String> files(String folder) {
        try (Stream<Path> files = Files.walk(FOLDER.resolve(folder))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> FOLDER.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param event what an event is in a stream, of files that have only the data of events */
    static Recording read(String file, Function<JsonNode, String> event) {
        String text = text(file);
        if (file.endsWith(".jsonl")) {
            return recording(
                    file, text.lines().map(Reading.JSON::readTree).map(event).collect(Collectors.joining()));
        }
        String body = text.substring(file.endsWith(".http") ? text.indexOf("\r\n\r\n") + 4 : 0);
        return recording(file, isEvent(body) ? event.apply(Reading.JSON.readTree(body)) : body);
    }

    /** Whether a body is the data of one event and no whole response. */
    private static boolean isEvent(String body) {
        JsonNode json = body.startsWith("{") ? Reading.JSON.readTree(body) : Reading.JSON.missingNode();
        return json.has("message") || json.path("object").asString("").endsWith(".chunk");
    }

    static List<String> lines(String file) {
        return text(file).lines().toList();
    }

    private static String text(String file) {
        try {
            return Files.readString(FOLDER.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Recording recording(String file, String body) {
        return new Recording(
                file, body.getBytes(StandardCharsets.UTF_8), !body.strip().startsWith("{"));
    }
}
