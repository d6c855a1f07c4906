package dev.kimi.internal.call;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatStream;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceStream;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.TransportFailure;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.function.Supplier;
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
    Stream<DynamicTest> the_rules_of_the_kit_for_the_events_of_a_chat() {
        return rules(Chat::new);
    }

    @TestFactory
    Stream<DynamicTest> the_rules_of_the_kit_for_the_body_of_a_streamed_exchange() {
        return rules(Body::new);
    }

    @TestFactory
    Stream<DynamicTest> the_rules_of_the_kit_for_an_input_stream_as_the_body_of_a_request() {
        return rules(Source::new);
    }

    private static Stream<DynamicTest> rules(Supplier<FlowPublisherVerification<?>> verification) {
        return Arrays.stream(FlowPublisherVerification.class.getMethods())
                .filter(rule -> rule.isAnnotationPresent(Test.class))
                // the kit's marks of what nobody can test
                .filter(rule -> !rule.getName().startsWith("untested"))
                // it sleeps, and gives the collector a moment; EventSubscriptionTest holds the same without
                .filter(rule -> !rule.getName().contains("_spec313_"))
                .map(rule -> DynamicTest.dynamicTest(rule.getName(), () -> keep(rule, verification.get())));
    }

    private static void keep(Method rule, FlowPublisherVerification<?> verification) throws Throwable {
        verification.setUp();
        try {
            rule.invoke(verification);
        } catch (InvocationTargetException broken) {
            Throwable cause = broken.getTargetException();
            Assumptions.assumeFalse(cause instanceof SkipException, cause::getMessage);
            throw cause;
        }
    }

    private abstract static class Verification<T> extends FlowPublisherVerification<T> {

        private Verification() {
            super(new TestEnvironment(PATIENCE_MILLIS, LOOK_MILLIS, LOOK_MILLIS));
        }

        @Override
        public long maxElementsFromPublisher() {
            return MAX_EVENTS;
        }
    }

    private EngineFixture fixture() {
        EngineFixture fixture = new EngineFixture();
        fixture.callbacks = callbacks;
        return fixture;
    }

    private final class Chat extends Verification<ChatEvent> {

        @Override
        public Flow.Publisher<ChatEvent> createFlowPublisher(long events) {
            EngineFixture fixture = fixture();
            return fixture.stream(fixture.engineOver((request, handler) -> new Service(handler, 3, events)));
        }

        @Override
        public Flow.Publisher<ChatEvent> createFailedFlowPublisher() {
            EngineFixture fixture = fixture();
            ChatStream refused = fixture.stream(fixture.engine());
            fixture.transport.last().answer(401, "");
            return refused;
        }
    }

    private final class Body extends Verification<ByteBuffer> {

        private CompletableFuture<ServiceStream> exchange(Engine engine) {
            return engine.exchangeStream(ServiceRequest.get("/v1/files"), Runnable::run);
        }

        @Override
        public Flow.Publisher<ByteBuffer> createFlowPublisher(long buffers) {
            return exchange(fixture().engineOver((request, handler) -> new Service(handler, 1, buffers)))
                    .join();
        }

        @Override
        public Flow.Publisher<ByteBuffer> createFailedFlowPublisher() {
            EngineFixture fixture = fixture();
            CompletableFuture<ServiceStream> head = exchange(fixture.engine());
            fixture.transport.last().headers(200).fail(TransportFailure.Kind.RESET, false);
            return head.join();
        }
    }

    private static final class Source extends Verification<ByteBuffer> {

        @Override
        public Flow.Publisher<ByteBuffer> createFlowPublisher(long buffers) {
            return RequestBody.ofInputStreams(() -> new Bytes(buffers), RequestBody.UNKNOWN_LENGTH);
        }

        @Override
        public Flow.Publisher<ByteBuffer> createFailedFlowPublisher() {
            RequestBody once = RequestBody.ofInputStream(InputStream.nullInputStream(), 0);
            once.subscribe(new Nobody());
            return once;
        }
    }

    /** A byte at a time. */
    private static final class Bytes extends InputStream {

        private long left;

        private Bytes(long bytes) {
            this.left = bytes;
        }

        @Override
        public int read() {
            return left-- > 0 ? 'x' : -1;
        }

        @Override
        public int read(byte[] into, int from, int length) {
            int next = read();
            into[from] = (byte) next;
            return next < 0 ? -1 : 1;
        }
    }

    private static final class Nobody implements Flow.Subscriber<ByteBuffer> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.cancel();
        }

        @Override
        public void onNext(ByteBuffer item) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onComplete() {}
    }

    /** Sends as many items as the kit wants on the thread of the network: events, or bodies of one chunk each. */
    private final class Service implements Exchange {

        private final ExchangeHandler handler;
        private final int inChunk;
        private long left;
        private volatile boolean over;

        private Service(ExchangeHandler handler, int inChunk, long items) {
            this.handler = handler;
            this.inChunk = inChunk;
            this.left = items;
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
            int now = (int) Math.min(inChunk, left);
            left -= now;
            String chunk = "x\n".repeat(now) + (left == 0 && inChunk > 1 ? ".\n" : "");
            if (!chunk.isEmpty()) {
                handler.onBody(ByteBuffer.wrap(chunk.getBytes(StandardCharsets.UTF_8)));
            }
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
