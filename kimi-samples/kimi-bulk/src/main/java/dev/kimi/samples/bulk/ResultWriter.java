package dev.kimi.samples.bulk;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Writes one line of JSON for each line of the input, at once, so that nothing paid for is lost. Thread-safe. */
final class ResultWriter implements Closeable {

    private final OutputStream out;
    private final boolean closes;
    private final JsonMapper json;

    private ResultWriter(OutputStream out, boolean closes, JsonMapper json) {
        this.out = new BufferedOutputStream(out);
        this.closes = closes;
        this.json = json;
    }

    /** To a file, which is replaced, or with {@code -} to the standard output. */
    static ResultWriter open(String output, JsonMapper json) throws IOException {
        return output.equals("-")
                ? new ResultWriter(System.out, false, json)
                : new ResultWriter(Files.newOutputStream(Path.of(output)), true, json);
    }

    void response(InputLine line, ChatResponse response) {
        Map<String, Object> result = head(line);
        result.put("text", response.text());
        if (!response.reasoning().isEmpty()) {
            result.put("reasoning", response.reasoning());
        }
        Usage usage = response.usage();
        Map<String, Long> tokens = new LinkedHashMap<>();
        tokens.put("promptTokens", usage.promptTokens());
        tokens.put("completionTokens", usage.completionTokens());
        tokens.put("reasoningTokens", usage.reasoningTokens());
        tokens.put("cachedTokens", usage.cachedTokens());
        result.put("usage", tokens);
        result.put("finishReason", response.finishReason().value());
        write(result);
    }

    void failure(InputLine line, KimiException failure) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("type", type(failure));
        error.put("message", String.valueOf(failure.getMessage()));
        error.put("status", failure.status());
        error.put("attempts", failure.attempts());
        Map<String, Object> result = head(line);
        result.put("error", error);
        write(result);
    }

    /** {@code rate-limit} for a {@code RateLimitException}. */
    private static String type(KimiException failure) {
        String name = failure.getClass().getSimpleName().replaceFirst("Exception$", "");
        return name.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    void badLine(InputLine line, String why) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("type", "bad-line");
        error.put("message", why);
        error.put("status", 0);
        error.put("attempts", 0);
        Map<String, Object> result = head(line);
        result.put("error", error);
        write(result);
    }

    private static Map<String, Object> head(InputLine line) {
        Map<String, Object> result = new LinkedHashMap<>();
        if (!line.id().isEmpty()) {
            result.put("id", line.id());
        }
        result.put("index", line.index());
        result.put("line", line.line());
        return result;
    }

    private void write(Map<String, Object> result) {
        byte[] bytes = json.writeValueAsBytes(result);
        synchronized (this) {
            try {
                out.write(bytes);
                out.write('\n');
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (closes) {
            out.close();
        }
    }
}
