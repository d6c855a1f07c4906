package dev.kimi.architecture.samples.tidy.internal.call;

import dev.kimi.architecture.samples.tidy.chat.ChatResponse;
import dev.kimi.architecture.samples.tidy.internal.json.Json;
import java.nio.file.Path;
import java.util.List;

public final class Engine {
    private static final System.Logger LOG = System.getLogger("engine");
    private static final String TOKEN = "max_tokens";

    public List<ChatResponse> call() {
        try {
            return new Json().isEmpty(Path.of(TOKEN)) ? List.of() : List.of(new ChatResponse(TOKEN));
        } catch (Throwable everything) {
            log(1);
            throw everything;
        }
    }

    private static void log(int attempt) {
        LOG.log(System.Logger.Level.INFO, "attempt {0}", attempt);
    }
}
