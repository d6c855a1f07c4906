package dev.kimi.langchain4j;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelListenerIT;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelPublisherListenerTest;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** LangChain4j's own tests of when listeners are notified, and of what. */
@Tag("newest")
@Timeout(60)
class NewestListenerKitTest {

    private static final String MODEL = "kimi-k3";
    /** The only values that this model takes. */
    private static final double TEMPERATURE = 1.0;

    private static final double TOP_P = 0.95;
    private static final int MAX_TOKENS = 7;

    private static KimiSimulator simulator;
    private static KimiClient client;

    @BeforeAll
    static void start() {
        simulator = KimiSimulator.start();
        client = Service.KIMI.client(simulator);
    }

    @AfterAll
    static void close() {
        client.close();
        simulator.close();
    }

    @BeforeEach
    void reset() {
        simulator.reset();
    }

    private static ChatRequestParameters parameters() {
        return ChatRequestParameters.builder()
                .modelName(MODEL)
                .temperature(TEMPERATURE)
                .topP(TOP_P)
                .maxOutputTokens(MAX_TOKENS)
                .build();
    }

    private static KimiStreamingChatModel streaming(ChatModelListener listener) {
        return KimiStreamingChatModel.builder(client)
                .defaultRequestParameters(parameters())
                .listeners(List.of(listener))
                .build();
    }

    @Nested
    class Whole extends AbstractChatModelListenerIT {

        @Override
        protected ChatModel createModel(ChatModelListener listener) {
            return KimiChatModel.builder(client)
                    .defaultRequestParameters(parameters())
                    .listeners(List.of(listener))
                    .build();
        }

        @Override
        protected ChatModel createFailingModel(ChatModelListener listener) {
            simulator.otherwise(Reply.unauthorized());
            return createModel(listener);
        }

        @Override
        protected Class<? extends Exception> expectedExceptionClass() {
            return AuthenticationException.class;
        }

        @Override
        protected String modelName() {
            return MODEL;
        }

        @Override
        protected Double temperature() {
            return TEMPERATURE;
        }

        @Override
        protected Double topP() {
            return TOP_P;
        }

        @Override
        protected Integer maxTokens() {
            return MAX_TOKENS;
        }
    }

    @Nested
    class Streamed extends AbstractStreamingChatModelListenerIT {

        @Override
        protected StreamingChatModel createModel(ChatModelListener listener) {
            return streaming(listener);
        }

        @Override
        protected StreamingChatModel createFailingModel(ChatModelListener listener) {
            simulator.otherwise(Reply.unauthorized());
            return streaming(listener);
        }

        @Override
        protected Class<? extends Exception> expectedExceptionClass() {
            return AuthenticationException.class;
        }

        @Override
        protected String modelName() {
            return MODEL;
        }

        @Override
        protected Double temperature() {
            return TEMPERATURE;
        }

        @Override
        protected Double topP() {
            return TOP_P;
        }

        @Override
        protected Integer maxTokens() {
            return MAX_TOKENS;
        }
    }

    @Nested
    class Published extends AbstractStreamingChatModelPublisherListenerTest {

        @Override
        protected StreamingChatModel createModel(ChatModelListener listener, StreamScenario scenario) {
            simulator.otherwise(scenario.fail() ? Reply.unauthorized() : Reply.events(scenario.contentChunks(), 4));
            return streaming(listener);
        }
    }
}
