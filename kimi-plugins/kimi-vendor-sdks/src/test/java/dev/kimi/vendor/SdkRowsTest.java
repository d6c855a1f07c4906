package dev.kimi.vendor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Rows of docs/faults.md, each on the SDK as it comes and over a Kimi client; prints what either does. The versions
 * that are tested fail rows 3 to 6 by themselves: where one does no longer, docs/vendor-sdks.md has to say so.
 */
@Timeout(120)
@ParameterizedClass
@EnumSource(names = {"OPENAI_HTTP1", "ANTHROPIC_HTTP1"})
class SdkRowsTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    /** A close that has not returned by then waits for more than this machine. */
    private static final Duration SILENT = Duration.ofSeconds(5);

    @Parameter
    Sdk sdk = Sdk.OPENAI_HTTP1;

    /** On what the SDK sends. */
    enum On {
        ITS_OWN("on its own transport"),
        KIMI("over a Kimi client");

        private final String text;

        On(String text) {
            this.text = text;
        }
    }

    private void found(int row, On on, boolean holds, String what) {
        System.out.printf(
                "row %2d  %-14s %-22s %-5s %s%n",
                row, sdk.isAnthropic() ? "anthropic-java" : "openai-java", on.text, holds ? "holds" : "FAILS", what);
    }

    /** A service and the SDK's client of it. */
    private final class Scene implements AutoCloseable {

        final KimiSimulator kimi;
        final SdkCalls calls;
        private final On on;
        private final SdkFixture fixture;

        Scene(On on) {
            this.on = on;
            this.fixture = new SdkFixture(sdk);
            this.kimi = fixture.kimi;
            this.calls = on == On.KIMI ? fixture.calls : sdk.bare(kimi.baseUrl());
        }

        /** Makes a client, calls once and forgets it. */
        void drop() {
            SdkCalls forgotten = on == On.KIMI
                    ? sdk.over(sdk.client().baseUrl(kimi.baseUrl()).build())
                    : sdk.bare(kimi.baseUrl());
            assertThat(forgotten.ask()).isNotEmpty();
        }

        /** Whether the service sees that so many exchanges were aborted, at the latest when another call has ended. */
        boolean aborted(int count) {
            CompletableFuture<?> aborted = kimi.awaitAborted(count);
            if (on == On.KIMI) {
                return Eventually.holds(SOON, aborted::isDone);
            }
            kimi.reply(Reply.text("Blue."));
            assertThat(calls.ask()).isEqualTo("Blue.");
            return aborted.isDone();
        }

        @Override
        public void close() {
            if (on == On.ITS_OWN) {
                kimi.disconnectAll();
                calls.close();
            }
            fixture.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void row_3_cancel_while_an_error_response_arrives_slowly(On on) {
        try (Scene scene = new Scene(on)) {
            scene.kimi.reply(Reply.unavailable().stallAfterBytes(5), Reply.unavailable(), Reply.unavailable());
            CompletableFuture<String> call = scene.calls.cancellable();
            scene.kimi.awaitRequests(1).join();
            SdkFixture.eventually("the error response begins", () -> scene.kimi.bytesSent() >= 5);

            call.cancel(true);

            int attempts = on == On.KIMI ? 1 : 3;
            scene.kimi.awaitAborted(1).join();
            scene.kimi.awaitRequests(attempts).join();
            found(3, on, attempts == 1, scene.kimi.requests().size() + " attempts");
            assertThat(scene.kimi.requests()).hasSize(attempts);
        }
    }

    @ParameterizedTest
    @EnumSource
    void row_4_cancel_before_the_headers(On on) {
        try (Scene scene = new Scene(on)) {
            scene.kimi.reply(Reply.text("never").stallBeforeHeaders());
            CompletableFuture<String> call = scene.calls.cancellable();
            scene.kimi.awaitRequests(1).join();

            call.cancel(true);

            boolean aborted = scene.aborted(1);
            found(4, on, aborted, aborted ? "aborted" : "the service goes on with the request");
            assertThat(aborted).isEqualTo(on == On.KIMI);
        }
    }

    @ParameterizedTest
    @EnumSource
    void row_5_close_of_a_stream_that_stalled(On on) throws InterruptedException {
        try (Scene scene = new Scene(on)) {
            scene.kimi.reply(Reply.text("one two three four").stallAfterEvents(sdk.eventsUntilText(2)));
            SdkCalls.Events stream = scene.calls.stream();
            AtomicInteger events = new AtomicInteger();
            Thread reader = started(() -> stream.iterator().forEachRemaining(event -> events.incrementAndGet()));
            // all that were sent, but for the ping that one SDK keeps to itself
            SdkFixture.eventually("all events have come", () -> events.get() == (sdk.isAnthropic() ? 4 : 3));
            SdkFixture.eventually("the reader waits", () -> isWithin(reader, "BufferedReader") && isReceiving(reader));
            Thread closer = started(stream::close);

            boolean returns =
                    Eventually.holds(on == On.KIMI ? SOON : SILENT, () -> closer.getState() == Thread.State.TERMINATED);
            String where = returns ? "returns" : "waits for the reader in " + closer.getStackTrace()[0];
            scene.kimi.disconnectAll();
            closer.join();
            reader.join();
            found(5, on, returns, where);
            assertThat(returns).isEqualTo(on == On.KIMI || sdk.isAnthropic());
        }
    }

    @ParameterizedTest
    @EnumSource
    void row_6_interrupt_of_a_blocked_caller(On on) throws InterruptedException {
        try (Scene scene = new Scene(on)) {
            scene.kimi.reply(Reply.text("never").stallBeforeHeaders());
            Thread caller = started(scene.calls::ask);
            scene.kimi.awaitRequests(1).join();
            SdkFixture.eventually("the caller waits", () -> isReceiving(caller));

            caller.interrupt();

            boolean aborted = scene.aborted(1);
            boolean ends = on == On.KIMI
                    ? Eventually.holds(SOON, () -> !caller.isAlive())
                    : caller.getState() == Thread.State.TERMINATED;
            found(6, on, aborted && ends, ends ? "ends the call" : "the caller waits on");
            assertThat(aborted && ends).isEqualTo(on == On.KIMI);
            scene.kimi.disconnectAll();
        }
    }

    @ParameterizedTest
    @EnumSource
    void row_14_the_consumer_takes_one_item_and_waits(On on) {
        try (Scene scene = new Scene(on)) {
            scene.kimi.reply(Reply.flood(71L << 20));
            try (SdkCalls.Events stream = scene.calls.stream()) {
                Iterator<?> events = stream.iterator();
                events.next();
                scene.kimi.awaitBlocked(1).join();
                long sent = scene.kimi.bytesSent();
                found(14, on, sent < 16L << 20, (sent >> 20) + " of 71 MB sent");
                assertThat(sent).isLessThan(16L << 20);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void row_15_the_service_closed_an_idle_connection(On on) {
        try (Scene scene = new Scene(on)) {
            List<String> failures = new ArrayList<>();
            int calls = 20;
            for (int i = 0; i < calls; i++) {
                scene.kimi.reply(Reply.text("Blue."));
                try {
                    scene.calls.ask();
                } catch (RuntimeException e) {
                    failures.add(e.toString());
                }
                scene.kimi.disconnectAll();
            }
            found(15, on, failures.isEmpty(), failures.size() + " of " + calls + " calls failed");
            assertThat(failures).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void row_18_clients_that_are_dropped(On on) {
        Logger leaks = Logger.getLogger("dev.kimi.leak");
        Level before = leaks.getLevel();
        leaks.setLevel(Level.OFF);
        try (Scene scene = new Scene(on)) {
            int dropped = 20;
            for (int i = 0; i < dropped; i++) {
                scene.drop();
            }
            boolean closed = Eventually.holds(SOON, () -> {
                System.gc();
                return scene.kimi.openConnections() == 0;
            });
            found(18, on, closed, scene.kimi.openConnections() + " connections of " + dropped + " clients are open");
            assertThat(closed).isTrue();
        } finally {
            leaks.setLevel(before);
        }
    }

    private static Thread started(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((which, failure) -> {});
        thread.start();
        return thread;
    }

    /** Whether it waits for bytes, in a read of a socket or for another thread that reads. */
    private static boolean isReceiving(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length > 0
                && (stack[0].getMethodName().equals("poll")
                        || stack[0].getMethodName().equals("park"));
    }

    private static boolean isWithin(Thread thread, String className) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().endsWith(className));
    }
}
