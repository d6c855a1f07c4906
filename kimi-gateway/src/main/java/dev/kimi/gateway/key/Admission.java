package dev.kimi.gateway.key;

import dev.kimi.chat.Usage;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** A place that a call holds, with the tokens and the money that are reserved for it. Thread-safe, never blocks. */
public interface Admission {

    /**
     * Gives the place back and books what the call has used in place of what was reserved. Only the first call counts.
     *
     * @param usage what was reported, or, of a stream that broke off, with an estimate of what was written; without
     *     tokens read, the estimate of the request counts for them. {@link Usage#NONE} books all that was reserved if
     *     the call reached a service, and nothing if not.
     * @param cost in US dollars; null where prices are not known, which books the usage at the fallback prices
     * @param reached whether a service may have worked on the call
     */
    void settle(Usage usage, @Nullable BigDecimal cost, boolean reached);
}
