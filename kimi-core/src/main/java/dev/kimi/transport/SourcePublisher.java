package dev.kimi.transport;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;

/** Publishes what it reads from an input stream, on threads that may block. */
final class SourcePublisher implements Flow.Publisher<ByteBuffer> {

    private final Callable<? extends InputStream> source;
    private final boolean once;
    private final AtomicBoolean used = new AtomicBoolean();

    /** @param once whether the source gives the same stream each time */
    SourcePublisher(Callable<? extends InputStream> source, boolean once) {
        this.source = Objects.requireNonNull(source, "source");
        this.once = once;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        SourceReading reading = new SourceReading(source, subscriber);
        if (used.getAndSet(true) && once) {
            reading.reject(new IllegalStateException("an input stream can be sent only once, and this one was"));
        } else {
            reading.begin();
        }
    }
}
