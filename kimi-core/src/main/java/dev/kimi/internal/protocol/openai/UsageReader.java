package dev.kimi.internal.protocol.openai;

import dev.kimi.chat.Usage;
import dev.kimi.internal.json.JsonReader;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the token counts of an OpenAI-style response, of which each service has its own version. */
final class UsageReader {

    private static final JsonReader.Names USAGE = JsonReader.Names.of(
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "cached_tokens",
            "prompt_tokens_details",
            "completion_tokens_details",
            "prompt_cache_hit_tokens",
            "reasoning_tokens",
            "input_tokens",
            "output_tokens",
            "input_tokens_details",
            "output_tokens_details",
            "input_token_details",
            "output_token_details",
            "cache_creation_input_tokens",
            "cache_write_tokens",
            "prompt_cache_miss_tokens");
    private static final JsonReader.Names DETAILS =
            JsonReader.Names.of("cached_tokens", "reasoning_tokens", "cache_creation_tokens", "cache_write_tokens");

    private static final int MAX_EXTRAS = 64;

    private long prompt = -1;
    private long completion = -1;
    private long total = -1;
    private long cached;
    private long cacheWrite;
    private long reasoning;

    private Map<String, @Nullable Object> extra = Map.of();

    private UsageReader() {}

    /** The value as usage, or null when it is no object or holds no count at all. */
    static @Nullable Usage read(JsonReader in) {
        if (!in.beginObject()) {
            return null;
        }
        UsageReader reader = new UsageReader();
        for (int name = in.nextName(USAGE); name != JsonReader.END; name = in.nextName(USAGE)) {
            reader.field(name, in);
        }
        return reader.usage();
    }

    private void field(int name, JsonReader in) {
        switch (name) {
            // Of two spellings at once, one may be an idle zero.
            case 0, 8 -> prompt = Math.max(prompt, count(in));
            case 1, 9 -> completion = Math.max(completion, count(in));
            case 2 -> total = Math.max(total, count(in));
            case 3, 6 -> cached = Math.max(cached, count(in));
            case 4, 5, 10, 11, 12, 13 -> details(in);
            case 7 -> reasoning = Math.max(reasoning, count(in));
            case 14, 15 -> cacheWrite = Math.max(cacheWrite, count(in));
            // says the same as the counts before
            case 16 -> in.skip();
            default -> extra(in);
        }
    }

    private void extra(JsonReader in) {
        String name = in.name();
        Object value = in.any();
        if (isWritten(name) && value instanceof Long count) {
            cacheWrite = Math.max(cacheWrite, count);
        }
        if (value != null && extra.size() < MAX_EXTRAS) {
            if (extra.isEmpty()) {
                extra = new LinkedHashMap<>(4);
            }
            extra.put(name, value);
        }
    }

    /** Kimi sells writes to the cache, under a name that it does not document. */
    private static boolean isWritten(String name) {
        return name.contains("_write");
    }

    private void details(JsonReader in) {
        if (in.beginObject()) {
            for (int name = in.nextName(DETAILS); name != JsonReader.END; name = in.nextName(DETAILS)) {
                switch (name) {
                    case 0 -> cached = Math.max(cached, count(in));
                    case 1 -> reasoning = Math.max(reasoning, count(in));
                    case 2, 3 -> cacheWrite = Math.max(cacheWrite, count(in));
                    default -> {
                        if (isWritten(in.name())) {
                            cacheWrite = Math.max(cacheWrite, count(in));
                        } else {
                            in.skip();
                        }
                    }
                }
            }
        }
    }

    private @Nullable Usage usage() {
        if (prompt < 0 && completion < 0 && total < 0) {
            return null;
        }
        if (prompt <= 0 && completion <= 0 && total <= 0) {
            return Usage.NONE;
        }
        long read = Math.max(prompt, 0);
        long written = Math.max(completion, 0);
        // Some services leave reasoning out of the completion; only the total gives it away.
        if (reasoning > 0 && total == sum(sum(read, written), reasoning)) {
            written = sum(written, reasoning);
        }
        Usage.Builder usage = Usage.builder()
                .promptTokens(read)
                .completionTokens(written)
                .totalTokens(total)
                .cachedTokens(cached)
                .cacheWriteTokens(cacheWrite)
                .reasoningTokens(reasoning);
        extra.forEach(usage::extra);
        return usage.build();
    }

    /** Of counts that are not negative; at most what fits. */
    private static long sum(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    private static long count(JsonReader in) {
        return Math.max(in.number(-1), -1);
    }
}
