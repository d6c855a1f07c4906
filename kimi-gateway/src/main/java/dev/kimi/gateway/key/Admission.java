package dev.kimi.gateway.key;

import dev.kimi.chat.Usage;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** A place that a call holds. Thread-safe. */
public interface Admission {

    /**
     * Gives the place back and books what the call has used. Only the first call counts.
     *
     * @param usage what was reported; {@link Usage#NONE} books what was estimated if the call reached a service
     * @param cost in US dollars, or null where prices are not known
     * @param reached whether a service may have worked on the call
     */
    void settle(Usage usage, @Nullable BigDecimal cost, boolean reached);
}
