package dev.kimi.samples.benchmark.gateway;

import java.nio.charset.StandardCharsets;

/** What the clients of a gateway speak. */
enum Dialect {
    COMPLETIONS("/v1/chat/completions", "[DONE]"),
    MESSAGES("/v1/messages", "message_stop");

    private static final String PROMPT =
            "Summarise what follows in one sentence. " + "All work and no play. ".repeat(80);

    private static final String BODY = """
            {"model":"%s","max_tokens":500,"stream":%b,"messages":[{"role":"user","content":"%s %s"}]}
            """;

    private final String path;
    private final String endMark;

    Dialect(String path, String endMark) {
        this.path = path;
        this.endMark = endMark;
    }

    String path() {
        return path;
    }

    /** What stands in the last event of a whole stream. */
    String endMark() {
        return endMark;
    }

    /** @param wish what the upstream reads in the prompt */
    byte[] body(String model, boolean stream, String wish) {
        return BODY.formatted(model, stream, wish, PROMPT).getBytes(StandardCharsets.UTF_8);
    }
}
