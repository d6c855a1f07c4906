package dev.kimi.vendor.internal;

import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A request of an SDK. */
public interface VendorRequest {

    String method();

    /** Absolute, its parts encoded as those of forms are. */
    String url();

    /** Hands out each header once, with all its values. */
    void headers(BiConsumer<String, List<String>> header);

    /** Null for none. */
    @Nullable VendorBody body();

    /** Time for the whole call; zero and null mean the client's total timeout. */
    @Nullable Duration timeout();
}
