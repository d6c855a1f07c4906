package dev.kimi.test.gateway;

/** Which service is behind the model. */
enum Side {
    KIMI("/v1/chat/completions"),
    CLAUDE("/v1/messages");

    private final String path;

    Side(String path) {
        this.path = path;
    }

    /** Where that service takes requests for inference. */
    String path() {
        return path;
    }
}
