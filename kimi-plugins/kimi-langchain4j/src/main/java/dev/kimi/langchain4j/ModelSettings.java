package dev.kimi.langchain4j;

import static dev.kimi.service.ModelCard.Fact.STRUCTURED_OUTPUT;
import static dev.langchain4j.model.chat.Capability.RESPONSE_FORMAT_JSON_SCHEMA;

import dev.kimi.KimiClient;
import dev.kimi.chat.Provenance;
import dev.kimi.service.ModelCard;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import java.util.Set;

/** What both models have in common. */
record ModelSettings(KimiClient client, ChatRequestParameters parameters, List<ChatModelListener> listeners) {

    /** With the client's model where the parameters name none, so that listeners are shown it. */
    static ModelSettings of(KimiClient client, ChatRequestParameters parameters, List<ChatModelListener> listeners) {
        ChatRequestParameters named = KimiChatRequestParameters.builder()
                .modelName(client.model().isEmpty() ? null : client.model())
                .build()
                .overrideWith(parameters);
        return new ModelSettings(client, named, listeners);
    }

    dev.kimi.chat.ChatRequest request(ChatRequest request) {
        return Requests.of(request, client.protocol());
    }

    ModelProvider provider() {
        boolean claude = client.protocol().equals(Provenance.ANTHROPIC) && model().startsWith("claude-");
        return claude ? ModelProvider.ANTHROPIC : ModelProvider.OTHER;
    }

    /** Structured output is what all current models have; a card may say that its model has not. */
    Set<Capability> capabilities() {
        ModelCard card = client.modelCard(model());
        boolean lacking = card.knows(STRUCTURED_OUTPUT) && !card.flag(STRUCTURED_OUTPUT);
        return lacking ? Set.of() : Set.of(RESPONSE_FORMAT_JSON_SCHEMA);
    }

    private String model() {
        String model = parameters.modelName();
        return model == null ? "" : model;
    }
}
