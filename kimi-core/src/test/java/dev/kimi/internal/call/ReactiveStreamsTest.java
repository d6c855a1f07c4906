package dev.kimi.internal.call;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatStream;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.SkipException;
import org.testng.annotations.Test;

/**
 * The stream as a publisher, held to the rules of Reactive Streams by their own kit, whose tests are of TestNG and run
 * here as dynamic ones.
 */
@Timeout(120)
class ReactiveStreamsTest {

    private static final int MAX_EVENTS = 10_000;
    /** What comes is awaited this long at most, and mostly comes at once. */
    private static final int PATIENCE_MILLIS = 20_000;
    /** What must not come is looked for this long: the kit knows no other way. */
    private static final int LOOK_MILLIS = 50;

    private final ExecutorService network = Executors.newSingleThreadExecutor();
    private final ExecutorService callbacks = Executors.newSingleThreadExecutor();

    @AfterEach
    void stop() {
        network.shutdownNow();
        callbacks.shutdownNow();
    }

    @TestFactory
    Stream<DynamicTest> the_rules_of_the_kit() {
        return Arrays.stream(FlowPublisherVerification.class.getMethods())
                .filter(rule -> rule.isAnnotationPresent(Test.class))
                // the kit's marks of what nobody can test
                .filter(rule -> !rule.getName().startsWith("untested"))
                // it sleeps, and gives the collector a moment; EventSubscriptionTest holds the same without
                .filter(rule -> !rule.getName().contains("_spec313_"))
                .map(rule -> DynamicTest.dynamicTest(rule.getName(), () -> keep(rule)));
    }

    private void keep(Method rule) throws Throwable {
        Verification verification = new Verification();
        verification.setUp();
        try {
            rule.invoke(verification);
        } catch (InvocationTargetException broken) {
            Throwable cause = broken.getTargetException();
            Assumptions.assumeFalse(cause instanceof SkipException, cause::getMessage);
            throw cause;
        }
    }

    private final class Verification extends FlowPublisherVerification<ChatEvent> {

        private Verification() {
            super(new TestEnvironment(PATIENCE_MILLIS, LOOK_MILLIS, LOOK_MILLIS));
        }

        @Override
        public long maxElementsFromPublisher() {
            return MAX_EVENTS;
        }

        @Override
        public Flow.Publisher<ChatEvent> createFlowPublisher(long events) {
            EngineFixture fixture = new EngineFixture();
            fixture.callbacks = callbacks;
            return fixture.stream(fixture.engineOver((request, handler) -> new Service(handler, events)));
        }

        @Override
        public Flow.Publisher<ChatEvent> createFailedFlowPublisher() {
            EngineFixture fixture = new EngineFixture();
            fixture.callbacks = callbacks;
            ChatStream refused = fixture.stream(fixture.engine());
            fixture.transport.last().answer(401, "");
            return refused;
        }
    }

    /** Sends as many events as the kit wants, three in a chunk, on the thread of the network. */
    private final class Service implements Exchange {

        private final ExchangeHandler handler;
        private long left;
        private volatile boolean over;

        private Service(ExchangeHandler handler, long events) {
            this.handler = handler;
            this.left = events;
            network.execute(() -> handler.onHeaders(200, Headers.empty()));
        }

        @Override
        public void request(long chunks) {
            network.execute(() -> {
                for (long sent = 0; sent < chunks && !over; sent++) {
                    send();
                }
            });
        }

        private void send() {
            int now = (int) Math.min(3, left);
            left -= now;
            String chunk = "x\n".repeat(now) + (left == 0 ? ".\n" : "");
            handler.onBody(ByteBuffer.wrap(chunk.getBytes(StandardCharsets.UTF_8)));
            if (left == 0 && !over) {
                over = true;
                handler.onComplete(Headers.empty());
            }
        }

        @Override
        public void abort() {
            over = true;
        }
    }
}
