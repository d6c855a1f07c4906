package dev.kimi.langchain4j;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.junit.KimiSimulatorExtension;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.SkipException;
import org.testng.annotations.Test;

/**
 * The publisher of LangChain4j's events, held to the rules of Reactive Streams by their own kit, whose tests are of
 * TestNG and run here as dynamic ones; the events come over real sockets.
 */
@Timeout(120)
@Tag("newest")
class NewestReactiveStreamsTest {

    private static final int MAX_EVENTS = 500;
    /** What comes is awaited this long at most, and mostly comes at once. */
    private static final int PATIENCE_MILLIS = 20_000;
    /** What must not come is looked for this long: the kit knows no other way. */
    private static final int LOOK_MILLIS = 50;

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final KimiSimulator simulator = EXTENSION.simulator();
    private final KimiClient client = Service.KIMI.client(simulator);

    @AfterEach
    void close() {
        client.close();
    }

    @TestFactory
    Stream<DynamicTest> the_rules_of_the_kit_for_the_events_of_a_model() {
        return Arrays.stream(FlowPublisherVerification.class.getMethods())
                .filter(rule -> rule.isAnnotationPresent(Test.class))
                // the kit's marks of what nobody can test
                .filter(rule -> !rule.getName().startsWith("untested"))
                // it sleeps, and gives the collector a moment; the client's own subscription holds it without
                .filter(rule -> !rule.getName().contains("_spec313_"))
                .map(rule -> DynamicTest.dynamicTest(rule.getName(), () -> keep(rule, new Events())));
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

    private final class Events extends FlowPublisherVerification<ChatModelStreamingEvent> {

        private Events() {
            super(new TestEnvironment(PATIENCE_MILLIS, LOOK_MILLIS, LOOK_MILLIS));
        }

        @Override
        public long maxElementsFromPublisher() {
            return MAX_EVENTS;
        }

        /** So many less one of text, and the response. */
        @Override
        public Flow.Publisher<ChatModelStreamingEvent> createFlowPublisher(long events) {
            if (events == 0) {
                throw new SkipException("There is always a response.");
            }
            Reply reply = events == 1 ? Reply.text("") : Reply.events((int) Math.min(events - 1, MAX_EVENTS), 4);
            simulator.reset();
            simulator.otherwise(reply);
            return KimiStreamingChatModel.of(client).chat(UserMessage.from("hi"));
        }

        @Override
        public Flow.Publisher<ChatModelStreamingEvent> createFailedFlowPublisher() {
            return KimiStreamingChatModel.of(client)
                    .chat(UserMessage.from(AudioContent.from("https://example.com/a.wav")));
        }
    }
}
