package dev.kimi.samples.benchmark;

import dev.kimi.chat.ChatRequest;
import dev.kimi.test.KimiSimulator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.jspecify.annotations.Nullable;

/** What a lane talks to: the simulator, but where it is the connection itself that must not get on. */
final class SoakService implements AutoCloseable {

    private final KimiSimulator simulator;
    private final @Nullable ServerSocket silent;
    private final @Nullable NonReadingService nonReading;

    SoakService(SoakPoint point, String http) throws IOException {
        this.simulator = KimiSimulator.builder()
                .validation(false)
                .recordedRequests(0)
                .maxConcurrentStreams(point == SoakPoint.WAITING_FOR_CONNECTION ? 1 : 1_000)
                .start()
                .otherwise(point.reply());
        this.silent = point == SoakPoint.CONNECTING ? new ServerSocket(0, 10, InetAddress.getLoopbackAddress()) : null;
        this.nonReading = point == SoakPoint.SENDING ? new NonReadingService(http) : null;
    }

    String baseUrl() {
        if (silent != null) {
            return "https://127.0.0.1:" + silent.getLocalPort();
        }
        return nonReading == null ? simulator.baseUrl() : nonReading.baseUrl();
    }

    /** What to ask. */
    ChatRequest request() {
        return ChatRequest.of(nonReading == null ? "Why?" : "?".repeat(nonReading.requestSize()));
    }

    /** How many streams to begin here for one elsewhere. */
    double share() {
        return nonReading == null ? 1 : nonReading.share();
    }

    int openRequests() {
        return simulator.openRequests() + (nonReading == null ? 0 : nonReading.openRequests());
    }

    int openConnections() {
        return simulator.openConnections() + (nonReading == null ? 0 : nonReading.openConnections());
    }

    /** Requests that came in whole although they should have been stuck half way. */
    long slippedThrough() {
        return nonReading == null ? 0 : nonReading.whole.get();
    }

    /** The requests have been cancelled: now their ends may show. */
    void cancelled() {
        if (nonReading != null) {
            nonReading.hear();
        }
    }

    void disconnectAll() {
        simulator.disconnectAll();
        if (nonReading != null) {
            nonReading.disconnectAll();
        }
    }

    @Override
    public void close() {
        simulator.close();
        if (nonReading != null) {
            nonReading.close();
        }
        if (silent != null) {
            try {
                silent.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
