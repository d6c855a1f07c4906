package dev.kimi.test.internal;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What the service makes of a request in Anthropic's format before the model sees it.
 *
 * @param model the requested model
 * @param headers version and betas
 * @param prompt the input
 * @param account who pays
 * @param thinking what became of the thinking blocks
 * @param cache what of the input was cached
 * @param tier service tier of the usage
 */
public record ClaudeCall(
        ClaudeModel model,
        ClaudeHeaders headers,
        Prompt prompt,
        String account,
        BoundThinking.Outcome thinking,
        CacheUse cache,
        String tier) {

    /** Tokens of the input that were read from the cache, and written to it for five minutes and for an hour. */
    public record CacheUse(int read, int written, int writtenForAnHour) {

        public static final CacheUse NONE = new CacheUse(0, 0, 0);

        public int allWritten() {
            return written + writtenForAnHour;
        }
    }

    /** Tokens of the whole input. */
    public int tokens() {
        return prompt.tokens() - thinking.droppedTokens();
    }

    /** Whether the model thinks before it responds. */
    public boolean thinks() {
        String type = Json.text(prompt.request().path("thinking"), "type");
        return type == null ? model.is(ClaudeModel.Trait.THINKS) : !"disabled".equals(type);
    }

    /** Whether thinking blocks have a text. */
    public boolean showsThinking() {
        String display = Json.text(prompt.request().path("thinking"), "display");
        return display == null ? !model.is(ClaudeModel.Trait.HIDES_THINKING) : !"omitted".equals(display);
    }

    /** What was dropped, for those who asked to be notified; else null. */
    public @Nullable List<BoundThinking.Dropped> transformations() {
        return headers.betas().contains(ClaudeHeaders.BINDING_CONTROLS) ? thinking.dropped() : null;
    }

    /** The signature of the last thinking block of the request, or null. */
    @Nullable String lastSignature() {
        String last = null;
        for (Prompt.Segment segment : prompt.segments()) {
            JsonNode block = segment.json();
            last = "thinking".equals(block.path("type").asString(""))
                    ? block.path("signature").asString("")
                    : last;
        }
        return last;
    }

    ClaudeCall with(CacheUse use) {
        return new ClaudeCall(model, headers, prompt, account, thinking, use, tier);
    }
}
