package dev.kimi.test.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Checks that thinking blocks come back as they were, after what they followed. */
public final class BoundThinking {

    private static final String INVALID = ": Invalid `signature` in `thinking` block";

    private final Prompt prompt;
    private final ClaudeModel model;
    private final String account;
    private final boolean drop;
    private final List<Dropped> dropped = new ArrayList<>();
    private int droppedTokens;

    private BoundThinking(Prompt prompt, ClaudeModel model, String account, boolean drop) {
        this.prompt = prompt;
        this.model = model;
        this.account = account;
        this.drop = drop;
    }

    /**
     * A thinking block that the model does not get to see.
     *
     * @param path where it stands in the request
     * @param reason why, in the word of the service
     */
    public record Dropped(String path, String reason) {}

    /**
     * What became of the thinking blocks of a request.
     *
     * @param error why the request is rejected, or null
     * @param dropped what the model does not get to see
     * @param droppedTokens what of the input is not billed for that
     */
    public record Outcome(@Nullable ApiError error, List<Dropped> dropped, int droppedTokens) {

        public static final Outcome FINE = new Outcome(null, List.of(), 0);
    }

    /**
     * Checks a request.
     *
     * @param account the account that sends it
     * @param drops whether blocks that do not fit are dropped where the request does not say
     */
    public static Outcome check(Prompt prompt, ClaudeModel model, String account, boolean drops) {
        String behaviour =
                Json.text(prompt.request().path("thinking").path("block_binding"), "prefix_mismatch_behavior");
        boolean drop = behaviour == null ? drops : "drop_block".equals(behaviour);
        BoundThinking check = new BoundThinking(prompt, model, account, drop);
        return new Outcome(check.run(), check.dropped, check.droppedTokens);
    }

    private @Nullable ApiError run() {
        List<Prompt.Segment> segments = prompt.segments();
        int latest = latestAssistant(segments);
        String previous = null;
        boolean broken = false;
        for (int i = 0; i < segments.size(); i++) {
            Prompt.Segment segment = segments.get(i);
            if (!"thinking".equals(segment.json().path("type").asString(""))) {
                continue;
            }
            String signature = segment.json().path("signature").asString("");
            Signatures.Signed signed = Signatures.own(signature) ? Signatures.read(signature) : null;
            if (signed == null && (Signatures.own(signature) || !Signatures.wellFormed(signature))) {
                return ApiError.invalid(segment.path() + INVALID);
            }
            if (signed != null) {
                if (segment.message() == latest && !Signatures.sameText(signed, text(segment.json()))) {
                    return ApiError.invalid(segment.path() + ": `thinking` or `redacted_thinking` blocks in the latest"
                            + " assistant message cannot be modified. These blocks must remain as they were in the"
                            + " original response.");
                }
                boolean fits = fits(i, signed, previous) && !broken;
                if (readable(segment, signed) && !fits) {
                    if (!drop) {
                        return ApiError.invalid(segment.path() + INVALID + ". The block is bound to a different"
                                + " conversation. What precedes it is not what preceded it when it was made.");
                    }
                    broken = true;
                    drop(segment, "prefix_binding_mismatch");
                }
            }
            previous = signature;
        }
        return null;
    }

    private boolean readable(Prompt.Segment segment, Signatures.Signed signed) {
        if (!model.reads(signed.model())) {
            drop(segment, "model_binding_mismatch");
            return false;
        }
        ClaudeModel signer = ClaudeModel.of(signed.model(), Set.of());
        boolean bound = signer != null && signer.is(ClaudeModel.Trait.ACCOUNT_BOUND);
        if (bound && !Signatures.sameAccount(signed, account)) {
            drop(segment, "organization_binding_mismatch");
            return false;
        }
        return true;
    }

    private boolean fits(int index, Signatures.Signed signed, @Nullable String previous) {
        return !model.is(ClaudeModel.Trait.BOUND)
                || Signatures.samePrefix(signed, prompt.before(index)) && Signatures.samePrevious(signed, previous);
    }

    private void drop(Prompt.Segment segment, String reason) {
        dropped.add(new Dropped(segment.path(), reason));
        droppedTokens += segment.tokens();
    }

    private static int latestAssistant(List<Prompt.Segment> segments) {
        for (int i = segments.size() - 1; i >= 0; i--) {
            if ("assistant".equals(segments.get(i).role())) {
                return segments.get(i).message();
            }
        }
        return -1;
    }

    private static String text(JsonNode block) {
        return block.path("thinking").asString("");
    }
}
