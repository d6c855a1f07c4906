package dev.kimi.test;

import dev.kimi.test.internal.Json;
import dev.kimi.test.internal.Piece;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Reads recorded responses. */
final class RecordedFiles {

    private static final List<String> KINDS = List.of(".sse", ".json", ".http");
    private static final Set<String> OF_THE_CONNECTION = Set.of(
            "connection",
            "content-length",
            "transfer-encoding",
            "keep-alive",
            "content-type",
            "date",
            "content-encoding");
    private static final Map<String, Integer> STATUS_OF_TYPE = Map.ofEntries(
            Map.entry("invalid_authentication_error", 401),
            Map.entry("incorrect_api_key_error", 401),
            Map.entry("authentication_error", 401),
            Map.entry("billing_error", 402),
            Map.entry("permission_denied_error", 403),
            Map.entry("permission_error", 403),
            Map.entry("resource_not_found_error", 404),
            Map.entry("not_found_error", 404),
            Map.entry("request_too_large", 413),
            Map.entry("rate_limit_reached_error", 429),
            Map.entry("engine_overloaded_error", 429),
            Map.entry("exceeded_current_quota_error", 429),
            Map.entry("rate_limit_error", 429),
            Map.entry("server_error", 500),
            Map.entry("api_error", 500),
            Map.entry("server_unavailable", 503),
            Map.entry("timeout_error", 504),
            Map.entry("overloaded_error", 529));

    private RecordedFiles() {}

    static Reply read(Path file) {
        return read(file, Duration.ZERO);
    }

    /** The recorded responses of a folder in the order of their names, or of the one file. */
    static List<Reply> readAll(Path folderOrFile, Duration gap) {
        if (!Files.isDirectory(folderOrFile)) {
            return List.of(read(folderOrFile, gap));
        }
        try (Stream<Path> files = Files.list(folderOrFile)) {
            return files.filter(file -> KINDS.contains(kind(file)))
                    .sorted()
                    .map(file -> read(file, gap))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Reply read(Path file, Duration gap) {
        byte[] bytes = bytes(file);
        return switch (kind(file)) {
            case ".sse" -> Reply.fromRecording(Contents.eventStream(events(bytes, gap)));
            case ".json" -> Reply.fromRecording(Contents.fixed(statusOf(bytes), Contents.JSON, bytes));
            case ".http" -> http(bytes, gap);
            default -> throw new IllegalArgumentException("a recording must be a .sse, .json or .http file");
        };
    }

    private static String kind(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot);
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int statusOf(byte[] body) {
        JsonNode json = Json.parse(body);
        if (json == null || !json.has("error")) {
            return 200;
        }
        String type = Json.text(json.path("error"), "type");
        return STATUS_OF_TYPE.getOrDefault(type == null ? "" : type, 400);
    }

    private static Reply http(byte[] recording, Duration gap) {
        int end = headEnd(recording);
        String[] lines = new String(recording, 0, end, StandardCharsets.UTF_8).split("\r?\n");
        byte[] body = Arrays.copyOfRange(recording, bodyStart(recording, end), recording.length);
        String contentType = Contents.JSON;
        List<String[]> headers = new ArrayList<>();
        for (String line : Arrays.asList(lines).subList(1, lines.length)) {
            String[] header = line.split(":", 2);
            if (header[0].equalsIgnoreCase("Content-Type")) {
                contentType = header[1].strip();
            } else if (!OF_THE_CONNECTION.contains(header[0].toLowerCase(Locale.ROOT))) {
                headers.add(header);
            }
        }
        int status = Integer.parseInt(lines[0].split(" ")[1]);
        Content content = contentType.startsWith("text/event-stream")
                ? Contents.eventStream(events(body, gap))
                : Contents.fixed(status, contentType, body);
        Reply reply = Reply.fromRecording(content);
        for (String[] header : headers) {
            reply = reply.header(header[0], header[1].strip());
        }
        return reply;
    }

    private static int headEnd(byte[] recording) {
        for (int i = 0; i < recording.length; i++) {
            if (recording[i] == '\n' && blankLineAt(recording, i + 1) > 0) {
                return i;
            }
        }
        return recording.length;
    }

    private static int bodyStart(byte[] recording, int headEnd) {
        int blank = headEnd < recording.length ? blankLineAt(recording, headEnd + 1) : 0;
        return blank > 0 ? headEnd + 1 + blank : recording.length;
    }

    /** Length of an empty line with its end, or 0 if the line there is not empty. */
    private static int blankLineAt(byte[] text, int at) {
        if (at < text.length && text[at] == '\n') {
            return 1;
        }
        return at + 1 < text.length && text[at] == '\r' && text[at + 1] == '\n' ? 2 : 0;
    }

    /** Cuts a stream after each blank line; the bytes stay as they were recorded. */
    static List<Piece> events(byte[] stream, Duration gap) {
        List<Piece> events = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < stream.length; i++) {
            int blank = stream[i] == '\n' ? blankLineAt(stream, i + 1) : 0;
            if (blank > 0) {
                add(events, Arrays.copyOfRange(stream, start, i + 1 + blank), gap);
                start = i + 1 + blank;
                i = start - 1;
            }
        }
        add(events, Arrays.copyOfRange(stream, start, stream.length), gap);
        return events;
    }

    private static void add(List<Piece> events, byte[] bytes, Duration gap) {
        if (bytes.length == 0) {
            return;
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        boolean done = text.startsWith("data:") && text.substring(5).strip().equals("[DONE]")
                || text.startsWith("event: message_stop");
        Piece.Kind kind = done ? Piece.Kind.DONE : text.isBlank() ? Piece.Kind.BYTES : Piece.Kind.EVENT;
        events.add(new Piece(kind, bytes, events.isEmpty() ? 0 : gap.toNanos(), bytes.length));
    }
}
