package dev.kimi.samples.quickstart.conversation;

import dev.kimi.chat.Usage;
import dev.kimi.time.TimeSource;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How fast a response arrives. Used by one thread at a time. */
public final class Pace {

    private final TimeSource time = TimeSource.system();
    private final long sent = time.nanoTime();
    private long first;
    private long last;
    private boolean begun;

    /** A piece of the response has arrived. */
    public void arrived() {
        last = time.nanoTime();
        if (!begun) {
            begun = true;
            first = last;
        }
    }

    /** Time to the first piece, or null when none came. */
    public @Nullable Long firstTokenMillis() {
        return begun ? TimeUnit.NANOSECONDS.toMillis(first - sent) : null;
    }

    /** Tokens a second from the first piece to the last, or null when that is unknown. */
    public @Nullable Double tokensPerSecond(Usage usage) {
        // The first token was there when the watch was started.
        long written = usage.completionTokens() - 1;
        return written > 0 && last > first ? written * 1e9 / (last - first) : null;
    }

    /** One line for people. */
    public String line(Usage usage) {
        StringBuilder line = new StringBuilder()
                .append(usage.promptTokens())
                .append(" tokens in, ")
                .append(usage.completionTokens())
                .append(" out");
        if (usage.reasoningTokens() > 0) {
            line.append(" (").append(usage.reasoningTokens()).append(" reasoning)");
        }
        Long millis = firstTokenMillis();
        if (millis != null) {
            line.append(String.format(Locale.ROOT, ", first token after %.2f s", millis / 1e3));
        }
        Double rate = tokensPerSecond(usage);
        if (rate != null) {
            line.append(String.format(Locale.ROOT, ", %.0f tokens/s", rate));
        }
        return line.toString();
    }
}
