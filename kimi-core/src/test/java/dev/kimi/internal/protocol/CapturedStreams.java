package dev.kimi.internal.protocol;

import dev.kimi.internal.protocol.Captures.Recording;
import dev.kimi.transport.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Recorded streams as bytes, places to split them at, and sums of what is in them. */
public final class CapturedStreams {

    private CapturedStreams() {}

    /** Whether it holds events, be it only their payloads. */
    public static boolean isStream(String file, Recording recording) {
        return recording.isStream() || file.matches(".*(\\.jsonl|-chunk\\.json|-message-start\\.json)");
    }

    public static Headers sse() {
        return Headers.builder().add("content-type", "text/event-stream").build();
    }

    /** Recordings that hold the payloads only get their frames back. */
    public static byte[] stream(String file, Recording recording) {
        if (recording.isStream()) {
            return recording.body();
        }
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        String text = new String(recording.body(), StandardCharsets.UTF_8);
        Stream<String> payloads = file.endsWith(".jsonl")
                ? text.lines().filter(line -> !line.isBlank())
                : Stream.of(text.replace("\n", ""));
        payloads.forEach(line -> frames.writeBytes(("data: " + line + "\n\n").getBytes(StandardCharsets.UTF_8)));
        return frames.toByteArray();
    }

    /** Length and hash. */
    public static String sum(String text) {
        return text.length() + " " + hash(text);
    }

    /** The first 16 digits of the SHA-256; a hyphen for nothing. */
    public static String hash(String text) {
        if (text.isEmpty()) {
            return "-";
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Positions around line ends and inside and around characters of several bytes. */
    public static List<Integer> delicate(byte[] stream) {
        List<Integer> places = new ArrayList<>();
        for (int i = 1; i < stream.length; i++) {
            boolean lineEnd = isLineEnd(stream[i]) || isLineEnd(stream[i - 1]) || i > 1 && isLineEnd(stream[i - 2]);
            if (lineEnd || stream[i] < 0 || stream[i - 1] < 0) {
                places.add(i);
            }
        }
        return places;
    }

    private static boolean isLineEnd(byte b) {
        return b == '\n' || b == '\r';
    }

    /** The end of each piece when every byte is one. */
    public static List<Integer> ones(byte[] stream) {
        return IntStream.rangeClosed(1, stream.length).boxed().toList();
    }
}
