package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.Usage;
import dev.kimi.internal.json.JsonReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The token counts of a message, which come at its beginning and, cumulative, at its end. Claude counts what was read
 * from the cache and what was written to it beside its input; Kimi's Messages face gives the sum too, as
 * {@code prompt_tokens}.
 */
final class MessagesUsage {

    private static final JsonReader.Names USAGE = JsonReader.Names.of(
            "input_tokens",
            "output_tokens",
            "cache_creation_input_tokens",
            "cache_read_input_tokens",
            "output_tokens_details",
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "cached_tokens");
    private static final JsonReader.Names DETAILS = JsonReader.Names.of("thinking_tokens", "reasoning_tokens");
    private static final int MAX_EXTRAS = 64;

    private long input;
    private long output;
    private long written;
    private long writtenElsewhere;
    private long read;
    private long prompt;
    private long thinking;
    private boolean known;
    private @Nullable Usage counted;
    private final Map<String, @Nullable Object> extra = new LinkedHashMap<>(4);
    private final Consumer<@Nullable Object> kept;

    /** @param kept counts what is kept as it came */
    MessagesUsage(Consumer<@Nullable Object> kept) {
        this.kept = kept;
    }

    /** Takes the counts of a {@code usage} object; those that it lacks, or that are null, stay as they were. */
    void take(JsonReader in) {
        if (!in.beginObject()) {
            return;
        }
        counted = null;
        long inputBefore = input;
        long writtenBefore = written;
        long readBefore = read;
        for (int name = in.nextName(USAGE); name != JsonReader.END; name = in.nextName(USAGE)) {
            field(name, in);
        }
        if (input == 0 && written == 0 && read == 0) {
            // idle zeros of a service that counts its input only at the beginning
            input = inputBefore;
            written = writtenBefore;
            read = readBefore;
        }
    }

    private void field(int name, JsonReader in) {
        switch (name) {
            case 0 -> input = count(in, input);
            case 1 -> output = count(in, output);
            case 6 -> output = Math.max(output, count(in, 0));
            case 2 -> written = count(in, written);
            case 3 -> read = count(in, read);
            case 4 -> details(in);
            case 5 -> prompt = count(in, prompt);
            // the same as the counts before
            case 7, 8 -> in.skip();
            default -> extra(in);
        }
    }

    private long count(JsonReader in, long before) {
        long count = in.number(-1);
        known |= count >= 0;
        return count >= 0 ? count : before;
    }

    private void details(JsonReader in) {
        if (in.beginObject()) {
            for (int name = in.nextName(DETAILS); name != JsonReader.END; name = in.nextName(DETAILS)) {
                if (name == JsonReader.UNKNOWN) {
                    in.skip();
                } else {
                    thinking = count(in, thinking);
                }
            }
        }
    }

    private void extra(JsonReader in) {
        String name = in.name();
        Object value = in.any();
        // Kimi sells writes, under a name that it does not document
        if (name.contains("_write") && value instanceof Long count) {
            writtenElsewhere = Math.max(writtenElsewhere, count);
        }
        if (value != null && (extra.size() < MAX_EXTRAS || extra.containsKey(name))) {
            kept.accept(value);
            extra.put(name, value);
        }
    }

    /** The counts so far, or null when none has come. */
    @Nullable Usage usage() {
        if (known && counted == null) {
            counted = build();
        }
        return counted;
    }

    private Usage build() {
        long written = this.written > 0 ? this.written : writtenElsewhere;
        Usage.Builder usage = Usage.builder()
                .promptTokens(prompt > 0 ? prompt : sum(sum(input, written), read))
                .completionTokens(output)
                .cachedTokens(read)
                .cacheWriteTokens(written)
                .reasoningTokens(thinking);
        extra.forEach(usage::extra);
        return usage.build();
    }

    private static long sum(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
