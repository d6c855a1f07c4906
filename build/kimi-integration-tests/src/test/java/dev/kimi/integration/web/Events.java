package dev.kimi.integration.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a browser got of a stream of events.
 *
 * @param text the bytes as text
 * @param complete true when the response ended, rather than the connection
 */
record Events(String text, boolean complete) {

    /** Reads to the end. */
    static Events read(InputStream body) {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (body) {
            for (int next = body.read(); next >= 0; next = body.read()) {
                read.write(next);
            }
            return new Events(read.toString(StandardCharsets.UTF_8), true);
        } catch (IOException e) {
            return new Events(read.toString(StandardCharsets.UTF_8), false);
        }
    }

    /** The data of the events, in order. */
    List<String> data() {
        return text.lines()
                .filter(line -> line.startsWith("data:"))
                .map(line -> line.substring("data:".length()))
                .toList();
    }
}
