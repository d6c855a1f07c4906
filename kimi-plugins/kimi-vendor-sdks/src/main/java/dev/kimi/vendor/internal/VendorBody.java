package dev.kimi.vendor.internal;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** The body of an SDK's request. Used by one thread at a time. */
public interface VendorBody {

    /** Writes all of it, blocking while the stream does. */
    void writeTo(OutputStream out) throws IOException;

    /** Its bytes, or -1 when it does not know. */
    long length();

    /** Its media type, or null when it has none. */
    @Nullable String contentType();

    /** Whether it can be written again, with the same bytes. */
    boolean isRepeatable();

    /** Releases what it is read from. Called once, when it is not written any more. */
    void close();
}
