package dev.kimi.vendor;

import dev.kimi.KimiClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;

/** The calls of an SDK's client, whichever it is. */
interface SdkCalls {

    /** The text of a whole response. */
    String ask();

    /** The same with a limit of its own. */
    String ask(Duration timeout);

    /** The same with retries of the SDK. */
    String askWithRetries(int most);

    /** The events of a stream. */
    Events stream();

    /** The SDK's own future. */
    CompletableFuture<String> askAsync();

    /** A future that cancels its exchange. */
    CompletableFuture<String> cancellable();

    /** A stream that cancels its exchange when it is closed. */
    AutoCloseable cancellableStream();

    /** Counts the events of an asynchronous stream. */
    CompletableFuture<Integer> countAsync();

    /** Uploads a file in parts. */
    String upload(Path file);

    /** Closes the SDK's client. */
    void close();

    /** A stream of an SDK. */
    interface Events extends AutoCloseable {

        Iterator<?> iterator();

        @Override
        void close();
    }

    /** Makes them. */
    @FunctionalInterface
    interface Maker {
        SdkCalls over(KimiClient client);
    }
}
