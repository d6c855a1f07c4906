package dev.kimi.vendor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.error.CallCancelledException;
import dev.kimi.event.CallEvent;
import dev.kimi.retry.RetryDecision;
import dev.kimi.test.Reply;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the SDKs fail on their own transport, over ours. */
@Timeout(120)
@ParameterizedClass
@EnumSource
class SdkFaultsTest {

    @Parameter
    Sdk sdk = Sdk.OPENAI_HTTP1;

    @Test
    void a_cancel_while_an_error_response_arrives_slowly_ends_all_attempts() {
        try (SdkFixture fixture = new SdkFixture(sdk)) {
            fixture.kimi.reply(Reply.unavailable().stallAfterBytes(5));
            CompletableFuture<String> call = fixture.calls.cancellable();
            fixture.kimi.awaitRequests(1).join();
            SdkFixture.eventually("the error response begins", () -> fixture.kimi.bytesSent() == 5);

            call.cancel(true);

            assertThat(fixture.kimi.awaitAborted(1).join()).hasSize(1);
            fixture.awaitOutcomes(CallEvent.Outcome.CANCELLED);
            assertThat(fixture.kimi.requests()).hasSize(1);
        }
    }

    @Test
    void a_cancel_before_headers_reaches_the_service() {
        try (SdkFixture fixture = new SdkFixture(sdk)) {
            fixture.kimi.reply(Reply.text("never").stallBeforeHeaders());
            CompletableFuture<String> call = fixture.calls.cancellable();
            fixture.kimi.awaitRequests(1).join();

            call.cancel(true);

            assertThat(fixture.kimi.awaitAborted(1).join()).hasSize(1);
        }
    }

    @Test
    void closing_an_asynchronous_stream_before_headers_reaches_the_service() throws Exception {
        try (SdkFixture fixture = new SdkFixture(sdk)) {
            fixture.kimi.reply(Reply.text("never").stallBeforeHeaders());
            AutoCloseable stream = fixture.calls.cancellableStream();
            fixture.kimi.awaitRequests(1).join();

            stream.close();

            assertThat(fixture.kimi.awaitAborted(1).join()).hasSize(1);
        }
    }

    @Test
    void closing_a_stalled_stream_does_not_wait_and_reaches_the_service() throws InterruptedException {
        try (SdkFixture fixture = new SdkFixture(sdk)) {
            fixture.kimi.reply(Reply.text("one two three four").stallAfterEvents(sdk.eventsUntilText(2)));
            SdkCalls.Events stream = fixture.calls.stream();
            CompletableFuture<Void> first = new CompletableFuture<>();
            // the SDKs end the iteration of whoever reads a stream that is closed
            Thread reader = new Thread(() -> stream.iterator().forEachRemaining(event -> first.complete(null)));
            reader.start();
            first.join();
            SdkFixture.eventually("the reader waits", () -> reader.getState() == Thread.State.WAITING);

            stream.close();

            assertThat(fixture.kimi.awaitAborted(1).join()).hasSize(1);
            reader.join();
            fixture.awaitOutcomes(CallEvent.Outcome.CANCELLED);
        }
    }

    @Test
    void an_interrupt_of_a_blocked_caller_reaches_the_service() throws InterruptedException {
        try (SdkFixture fixture = new SdkFixture(sdk)) {
            fixture.kimi.reply(Reply.text("never").stallBeforeHeaders());
            AtomicReference<Throwable> ended = new AtomicReference<>();
            AtomicBoolean flag = new AtomicBoolean();
            Thread caller = new Thread(() -> assertThatThrownBy(fixture.calls::ask)
                    .satisfies(ended::set)
                    .satisfies(failure -> flag.set(Thread.currentThread().isInterrupted())));
            caller.start();
            fixture.kimi.awaitRequests(1).join();

            caller.interrupt();

            assertThat(fixture.kimi.awaitAborted(1).join()).hasSize(1);
            caller.join();
            assertThat(ended.get()).hasRootCauseInstanceOf(CallCancelledException.class);
            assertThat(flag).isTrue();
            assertThat(fixture.kimi.requests()).hasSize(1);
        }
    }

    @Test
    void a_consumer_that_waits_stops_the_socket() {
        try (SdkFixture fixture = new SdkFixture(sdk)) {
            fixture.kimi.reply(Reply.flood(71L << 20));
            try (SdkCalls.Events stream = fixture.calls.stream()) {
                Iterator<?> events = stream.iterator();
                events.next();
                fixture.kimi.awaitBlocked(1).join();
                assertThat(fixture.kimi.bytesSent()).isLessThan(16L << 20);
            }
            assertThat(fixture.kimi.awaitAborted(1).join()).hasSize(1);
        }
    }

    @Test
    void a_connection_that_the_service_closed_while_idle_costs_neither_call_nor_retry() {
        try (SdkFixture fixture = new SdkFixture(sdk, sdk.client().retryPolicy(failed -> RetryDecision.stop()))) {
            for (int i = 0; i < 5; i++) {
                assertThat(fixture.calls.ask()).isNotEmpty();
                fixture.kimi.disconnectAll();
                SdkFixture.eventually(
                        "the connection is gone", () -> fixture.client.pool().idle() == 0);
            }
            assertThat(fixture.kimi.requests()).hasSize(5);
        }
    }

    @Test
    void clients_that_are_dropped_leave_no_socket_and_no_thread() {
        Logger leaks = Logger.getLogger("dev.kimi.leak");
        Level before = leaks.getLevel();
        leaks.setLevel(Level.OFF);
        try (SdkFixture fixture = new SdkFixture(sdk)) {
            fixture.calls.ask();
            fixture.calls.countAsync().join();
            Set<Thread> kept = Thread.getAllStackTraces().keySet();

            List<WeakReference<SdkCalls>> dropped = dropped(fixture, 100);

            SdkFixture.eventually("only the kept client has sockets, and no thread is left", () -> {
                System.gc();
                Set<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> !kept.contains(thread))
                        .collect(Collectors.toSet());
                return fixture.kimi.openConnections() <= 1 && threads.stream().noneMatch(SdkFaultsTest::isOfAClient);
            });
            assertThat(dropped).allMatch(reference -> reference.get() == null);
        } finally {
            leaks.setLevel(before);
        }
    }

    private List<WeakReference<SdkCalls>> dropped(SdkFixture fixture, int count) {
        List<WeakReference<SdkCalls>> dropped = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            KimiClient client = sdk.client().baseUrl(fixture.kimi.baseUrl()).build();
            SdkCalls calls = sdk.over(client);
            assertThat(calls.ask()).isNotEmpty();
            dropped.add(new WeakReference<>(calls));
        }
        return dropped;
    }

    private static boolean isOfAClient(Thread thread) {
        String name = thread.getName();
        return name.startsWith("vert") || name.startsWith("kimi-") || name.contains("stream-handler");
    }
}
