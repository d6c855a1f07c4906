package dev.kimi.test.internal;

import org.jspecify.annotations.Nullable;

/** Writes the usage of the Messages API, whose members differ by place and by service. */
final class MessagesUsage {

    private final ModelOutput output;
    private final @Nullable ClaudeCall claude;

    MessagesUsage(ModelOutput output, @Nullable ClaudeCall claude) {
        this.output = output;
        this.claude = claude;
    }

    /** Of a response that is not streamed. */
    StringBuilder whole(StringBuilder out) {
        return opening(out, output.counts().completion(), true);
    }

    /** Of the beginning of a stream. */
    StringBuilder start(StringBuilder out) {
        return opening(out, claude == null ? 0 : Math.min(1, output.counts().completion()), false);
    }

    /** Of the end of a stream. */
    StringBuilder end(StringBuilder out) {
        int completion = output.counts().completion();
        input(out.append("\"usage\":{")).append(",\"output_tokens\":").append(completion);
        if (claude == null) {
            ofKimi(out, true);
        } else {
            details(out);
            iterations(out);
        }
        return out.append('}');
    }

    private StringBuilder opening(StringBuilder out, int completion, boolean complete) {
        input(out.append("\"usage\":{"));
        if (claude != null) {
            ClaudeCall.CacheUse cache = output.counts().cache();
            out.append(",\"cache_creation\":{\"ephemeral_5m_input_tokens\":").append(cache.written());
            out.append(",\"ephemeral_1h_input_tokens\":")
                    .append(cache.writtenForAnHour())
                    .append('}');
        }
        out.append(",\"output_tokens\":").append(completion);
        if (claude != null && complete) {
            details(out);
        }
        out.append(",\"service_tier\":\"").append(claude == null ? "standard" : claude.tier());
        out.append("\",\"inference_geo\":\"not_available\"");
        if (claude == null) {
            ofKimi(out, complete);
        } else if (complete) {
            iterations(out);
        }
        return out.append('}');
    }

    private StringBuilder input(StringBuilder out) {
        ModelOutput.Counts counts = output.counts();
        int written = counts.cache().allWritten();
        out.append("\"input_tokens\":").append(Math.max(0, counts.prompt() - counts.cached() - written));
        out.append(",\"cache_creation_input_tokens\":").append(written);
        return out.append(",\"cache_read_input_tokens\":").append(counts.cached());
    }

    private void details(StringBuilder out) {
        if (output.counts().reasoning() > 0) {
            out.append(",\"output_tokens_details\":{\"thinking_tokens\":")
                    .append(output.counts().reasoning())
                    .append('}');
        }
    }

    /** Kimi's format repeats the counts in the words of its other format. */
    private void ofKimi(StringBuilder out, boolean complete) {
        ModelOutput.Counts counts = output.counts();
        out.append(",\"prompt_tokens\":").append(counts.prompt());
        if (complete) {
            out.append(",\"completion_tokens\":").append(counts.completion());
            out.append(",\"total_tokens\":").append(counts.prompt() + counts.completion());
        }
        out.append(",\"cached_tokens\":").append(counts.cached());
    }

    /** Each attempt of a response that another model took over. */
    private void iterations(StringBuilder out) {
        String servedBy = output.notes().servedBy();
        if (servedBy == null || claude == null) {
            return;
        }
        iteration(out.append(",\"iterations\":["), "message", claude.model().id(), 0);
        iteration(out.append(','), "fallback_message", servedBy, output.counts().completion());
        out.append(']');
    }

    private void iteration(StringBuilder out, String type, String model, int completion) {
        ModelOutput.Counts counts = output.counts();
        out.append("{\"input_tokens\":").append(counts.prompt() - counts.cached());
        out.append(",\"output_tokens\":").append(completion);
        out.append(",\"cache_read_input_tokens\":").append(counts.cached());
        out.append(",\"cache_creation_input_tokens\":0,\"cache_creation\":{\"ephemeral_5m_input_tokens\":0,"
                + "\"ephemeral_1h_input_tokens\":0},\"type\":\"");
        Json.quote(out.append(type).append("\",\"model\":"), model).append('}');
    }
}
