package dev.kimi.vendor;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;

/** The body of a request of either SDK, which counts how often it was closed. */
final class RawBody implements com.openai.core.http.HttpRequestBody, com.anthropic.core.http.HttpRequestBody {

    final AtomicInteger closed = new AtomicInteger();

    private final Writer writer;
    private final String contentType;
    private final long length;
    private final boolean repeatable;

    RawBody(String contentType, long length, boolean repeatable, Writer writer) {
        this.contentType = contentType;
        this.length = length;
        this.repeatable = repeatable;
        this.writer = writer;
    }

    static RawBody of(byte[] bytes) {
        return new RawBody("application/json", bytes.length, true, out -> out.write(bytes));
    }

    @Override
    public void writeTo(OutputStream out) {
        try {
            writer.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String contentType() {
        return contentType;
    }

    @Override
    public long contentLength() {
        return length;
    }

    @Override
    public boolean repeatable() {
        return repeatable;
    }

    @Override
    public void close() {
        closed.incrementAndGet();
    }

    /** Writes it. */
    @FunctionalInterface
    interface Writer {
        void writeTo(OutputStream out) throws IOException;
    }
}
