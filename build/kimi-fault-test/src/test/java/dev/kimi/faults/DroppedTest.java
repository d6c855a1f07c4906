package dev.kimi.faults;

import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.KimiClientBuilder.LeakDetection;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.support.Eventually;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the program drops without closing it is given back down to the socket. */
@Timeout(120)
@ParameterizedClass
@EnumSource(names = {"OPENAI_HTTP1", "ANTHROPIC_HTTP2"})
class DroppedTest {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Logger LOGGER = Logger.getLogger("dev.kimi.leak");

    @Parameter
    Wire wire = Wire.OPENAI_HTTP1;

    private final List<LogRecord> warnings = new CopyOnWriteArrayList<>();
    private final Handler recorder = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            warnings.add(entry);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private final Set<Thread> threadsSeen = new HashSet<>();
    private KimiSimulator kimi;
    private KimiClient client;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.start();
        client = builder("kept").leakDetection(LeakDetection.STACK).build();
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(recorder);
    }

    @AfterEach
    void nothingIsLeft() {
        LOGGER.removeHandler(recorder);
        LOGGER.setUseParentHandlers(true);
        client.close();
        kimi.awaitDisconnected(SOON);
        kimi.close();
    }

    private KimiClientBuilder builder(String name) {
        return wire.client().name(name).baseUrl(kimi.baseUrl()).apiKey("sk-test");
    }

    private List<LogRecord> warningsOf(String name) {
        return warnings.stream()
                .filter(entry -> entry.getMessage().contains("'" + name + "'"))
                .toList();
    }

    private static void collectUntil(String what, BooleanSupplier condition) {
        boolean held = Eventually.holds(SOON, () -> {
            if (condition.getAsBoolean()) {
                return true;
            }
            System.gc();
            return condition.getAsBoolean();
        });
        assertThat(held).as(what).isTrue();
    }

    /** Until the cleaner has seen everything that is garbage now: this one becomes garbage after all that. */
    private void collectEverything() {
        int before = warningsOf("last").size();
        dropClients("last", 1);
        collectUntil(
                "a client made later is reclaimed", () -> warningsOf("last").size() > before);
    }

    // The places of creation that warnings must name, and methods of their own: what a method has in its hands lives as
    // long as the method may use it.

    private void dropStream() {
        Iterator<ChatEvent> events =
                client.stream(ChatRequest.of("Why is the sky blue?")).iterator();
        assertThat(events.hasNext()).isTrue();
    }

    private void dropClients(String name, int count) {
        for (int i = 0; i < count; i++) {
            KimiClient dropped = builder(name).build();
            assertThat(dropped.chat("Why?").text()).isNotEmpty();
            threadsSeen.addAll(networkThreads());
        }
    }

    @Test
    void a_stream_that_is_dropped_unread_is_reset_counted_and_reported_with_its_place() {
        kimi.reply(text("one two three four").stallAfterEvents(wire.eventsUntilText(2)));
        dropStream();

        CompletableFuture<?> aborted = kimi.awaitAborted(1);
        collectUntil("the service sees the end", aborted::isDone);
        collectUntil("it is reported", () -> warningsOf("kept").size() == 1);

        assertThat(client.diagnostics().leakedStreams()).isEqualTo(1);
        assertThat(warningsOf("kept").get(0).getMessage()).contains(DroppedTest.class.getName() + ".dropStream(");
        assertThat(warningsOf("kept").get(0).getThrown().getStackTrace())
                .extracting(StackTraceElement::getMethodName)
                .contains("dropStream", "a_stream_that_is_dropped_unread_is_reset_counted_and_reported_with_its_place");
        assertThat(Eventually.holds(SOON, () -> client.pool().exchanges() == 0)).isTrue();
        assertThat(client.diagnostics().calls().total()).isZero();
        assertThat(client.diagnostics().openStreams()).isZero();
    }

    @Test
    void by_default_too_a_dropped_stream_is_reported_with_its_place() {
        kimi.reply(text("one two three four").stallAfterEvents(wire.eventsUntilText(2)));
        try (KimiClient usual = builder("usual").build()) {
            dropStreamOf(usual);
            collectUntil("it is reported", () -> warningsOf("usual").size() == 1);
        }

        assertThat(warningsOf("usual").get(0).getMessage()).contains(DroppedTest.class.getName() + ".dropStreamOf(");
        assertThat(warningsOf("usual").get(0).getThrown()).isNull();
    }

    private static void dropStreamOf(KimiClient client) {
        assertThat(client.stream(ChatRequest.of("Why?")).iterator().hasNext()).isTrue();
    }

    @Test
    void a_hundred_clients_that_are_dropped_leave_no_socket_and_no_thread() {
        client.chat("Why?");
        Set<Thread> threads = networkThreads();
        long before = client.diagnostics().reclaimedClients();

        dropClients("dropped", 100);
        collectUntil("all are closed", () -> warningsOf("dropped").size() == 100);
        collectUntil("only the kept client has a socket", () -> kimi.openConnections() == 1);
        assertThat(threadsSeen).hasSizeGreaterThan(threads.size());
        collectUntil("no new thread is left", () -> threads.containsAll(networkThreads()));

        assertThat(client.diagnostics().reclaimedClients() - before).isEqualTo(100);
        assertThat(warningsOf("dropped")).allSatisfy(warning -> {
            assertThat(warning.getMessage()).contains(DroppedTest.class.getName() + ".dropClients(");
            assertThat(warning.getThrown().getStackTrace())
                    .extracting(StackTraceElement::getMethodName)
                    .contains("a_hundred_clients_that_are_dropped_leave_no_socket_and_no_thread");
        });
    }

    /** Those of clients, and of the simulator, which has the same kinds. */
    private static Set<Thread> networkThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread ->
                        thread.getName().startsWith("vert") || thread.getName().startsWith("kimi-timer"))
                .collect(Collectors.toSet());
    }

    @Test
    void a_dropped_client_is_kept_by_its_pending_future() {
        kimi.reply(text("never").stallBeforeHeaders());
        CompletableFuture<ChatResponse> pending = builder("pending").build().chatAsync(ChatRequest.of("Why?"));
        kimi.awaitRequests(1).join();

        collectEverything();

        assertThat(warningsOf("pending")).isEmpty();
        assertThat(pending).isNotDone();
        assertThat(kimi.openRequests()).isEqualTo(1);
        pending.cancel(true);
        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
        collectUntil("then it goes", () -> warningsOf("pending").size() == 1);
    }

    @Test
    void a_dropped_client_is_kept_by_its_open_stream() {
        kimi.reply(text("one two three four").stallAfterEvents(wire.eventsUntilText(2)));
        try (ChatStream stream = builder("streaming").build().stream(ChatRequest.of("Why?"))) {
            Iterator<ChatEvent> events = stream.iterator();
            events.next();

            collectEverything();

            assertThat(warningsOf("streaming")).isEmpty();
            assertThat(kimi.openRequests()).isEqualTo(1);
        }
        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
        collectUntil("then it goes", () -> warningsOf("streaming").size() == 1);
    }

    @Test
    void what_was_closed_is_not_mentioned() {
        try (KimiClient closed = builder("closed").build();
                ChatStream stream = closed.stream(ChatRequest.of("Why?"))) {
            stream.forEach(event -> {});
        }

        collectEverything();

        assertThat(warningsOf("closed")).isEmpty();
    }
}
