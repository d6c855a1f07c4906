package dev.kimi.langchain4j;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.common.AbstractAiServiceIT;
import dev.langchain4j.service.common.AbstractAiServiceWithJsonSchemaIT;
import dev.langchain4j.service.common.AbstractAiServiceWithToolsIT;
import dev.langchain4j.service.common.AbstractStreamingAiServiceIT;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** LangChain4j's own tests of AI services, each with Kimi, Claude and Kimi over the Messages protocol. */
@Tag("newest")
@Timeout(60)
class NewestAiServicesKitTest {

    private static KimiSimulator simulator;
    private static List<KimiClient> clients;

    @BeforeAll
    static void start() {
        simulator = KimiSimulator.start();
        clients = Arrays.stream(Service.values())
                .map(service -> service.client(simulator))
                .toList();
    }

    @AfterAll
    static void close() {
        clients.forEach(KimiClient::close);
        simulator.close();
    }

    @BeforeEach
    void script(TestInfo test) {
        KitScripts.play(simulator, test);
    }

    private static List<ChatModel> chatModels() {
        return clients.stream().<ChatModel>map(KimiChatModel::of).toList();
    }

    @Nested
    class Whole extends AbstractAiServiceIT {

        @Override
        protected List<ChatModel> models() {
            return chatModels();
        }

        @Override
        protected Class<? extends TokenUsage> tokenUsageType(ChatModel model) {
            return KimiTokenUsage.class;
        }
    }

    @Nested
    class Streamed extends AbstractStreamingAiServiceIT {

        @Override
        protected List<StreamingChatModel> models() {
            return clients.stream()
                    .<StreamingChatModel>map(KimiStreamingChatModel::of)
                    .toList();
        }

        @Override
        protected Class<? extends ChatResponseMetadata> chatResponseMetadataType(StreamingChatModel model) {
            return KimiChatResponseMetadata.class;
        }

        @Override
        protected Class<? extends TokenUsage> tokenUsageType(StreamingChatModel model) {
            return KimiTokenUsage.class;
        }
    }

    @Nested
    class WithTools extends AbstractAiServiceWithToolsIT {

        @Override
        protected List<ChatModel> models() {
            return chatModels();
        }

        @Override
        protected boolean supportsRecursion() {
            return true;
        }

        @Override
        protected boolean supportsMultimodalToolResults() {
            return true;
        }

        @Override
        protected boolean verifyModelInteractions() {
            return true;
        }

        @Override
        protected Image catImage() {
            return Image.builder().base64Data("aGk=").mimeType("image/png").build();
        }
    }

    @Nested
    class WithJsonSchema extends AbstractAiServiceWithJsonSchemaIT {

        @Override
        protected List<ChatModel> models() {
            return List.of(
                    chatModels().get(Service.KIMI.ordinal()), chatModels().get(Service.KIMI_MESSAGES.ordinal()));
        }

        @Override
        protected boolean supportsRecursion() {
            return true;
        }
    }

    /** Claude takes no schema that refers to itself. */
    @Nested
    class WithJsonSchemaOfClaude extends AbstractAiServiceWithJsonSchemaIT {

        @Override
        protected List<ChatModel> models() {
            return List.of(chatModels().get(Service.CLAUDE.ordinal()));
        }
    }
}
