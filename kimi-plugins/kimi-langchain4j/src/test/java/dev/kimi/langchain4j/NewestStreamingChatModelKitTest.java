package dev.kimi.langchain4j;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.common.StreamingMode;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** LangChain4j's own tests of a streaming chat model, through handlers and through publishers. */
@Tag("newest")
@Timeout(60)
class NewestStreamingChatModelKitTest {

    @Nested
    class Kimi extends Kit {
        Kimi() {
            super(Service.KIMI);
        }
    }

    @Nested
    class Claude extends Kit {
        Claude() {
            super(Service.CLAUDE);
        }
    }

    @Nested
    class KimiOverMessages extends Kit {
        KimiOverMessages() {
            super(Service.KIMI_MESSAGES);
        }
    }

    private abstract static class Kit extends AbstractStreamingChatModelIT {

        private final KimiSimulator simulator = KimiSimulator.start();
        private final Service service;
        private final KimiClient client;

        private Kit(Service service) {
            this.service = service;
            this.client = service.client(simulator);
        }

        @BeforeEach
        void script(TestInfo test) {
            KitScripts.play(simulator, test);
        }

        @AfterAll
        void close() {
            client.close();
            simulator.close();
        }

        @Override
        protected List<StreamingMode> streamingModes() {
            return List.of(StreamingMode.values());
        }

        @Override
        protected List<StreamingChatModel> baseModels() {
            return List.of(KimiStreamingChatModel.of(client));
        }

        /** Models that do not think, because these services let no others be forced to call tools. */
        @Override
        protected List<StreamingChatModel> baseModelsSupportingTools() {
            return List.of(createModelWith(service.forcible()));
        }

        @Override
        protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
            return KimiStreamingChatModel.builder(client)
                    .defaultRequestParameters(parameters)
                    .build();
        }

        @Override
        public StreamingChatModel createModelWith(ChatModelListener listener) {
            return KimiStreamingChatModel.builder(client)
                    .listeners(List.of(listener))
                    .build();
        }

        @Override
        protected String customModelName() {
            return service.otherModel();
        }

        @Override
        protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
            return KimiChatRequestParameters.builder()
                    .maxOutputTokens(maxOutputTokens)
                    .build();
        }

        @Override
        protected Class<? extends ChatResponseMetadata> chatResponseMetadataType(StreamingChatModel model) {
            return KimiChatResponseMetadata.class;
        }

        @Override
        protected Class<? extends TokenUsage> tokenUsageType(StreamingChatModel model) {
            return KimiTokenUsage.class;
        }

        /** Its test waits half a minute for what must not come; {@link KimiStreamingChatModelTest} holds the same. */
        @Override
        protected boolean supportsStreamingCancellation() {
            return false;
        }

        /** The Messages protocol has formats with a schema alone. */
        @Override
        protected boolean supportsJsonResponseFormat() {
            return !service.isMessages();
        }

        /** Kimi fetches no images. */
        @Override
        protected boolean supportsSingleImageInputAsPublicURL() {
            return service == Service.CLAUDE;
        }

        @Override
        protected boolean supportsMultipleImageInputsAsPublicURLs() {
            return service == Service.CLAUDE;
        }

        /** An image that a model does not take is an invalid request, as it is where the service says so. */
        @Override
        protected boolean assertExceptionType() {
            return false;
        }
    }
}
