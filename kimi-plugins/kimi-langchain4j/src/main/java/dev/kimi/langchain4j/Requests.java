package dev.kimi.langchain4j;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ResponseFormat;
import dev.kimi.chat.Tool;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes requests of LangChain4j as the client's. */
final class Requests {

    private final ChatRequestParameters parameters;
    private final String protocol;
    private final ChatRequest.Builder builder = ChatRequest.builder();

    private Requests(ChatRequestParameters parameters, String protocol) {
        this.parameters = parameters;
        this.protocol = protocol;
    }

    /**
     * @param protocol the client's
     * @throws UnsupportedFeatureException for what has no place in that protocol
     * @throws InvalidRequestException for a value that no service takes
     */
    static ChatRequest of(dev.langchain4j.model.chat.request.ChatRequest request, String protocol) {
        Requests writer = new Requests(request.parameters(), protocol);
        try {
            writer.messages(request.messages());
            writer.parameters();
            writer.ownParameters();
            return writer.builder.build();
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(e.getMessage(), e);
        }
    }

    private void messages(List<ChatMessage> messages) {
        Turns turns = new Turns(protocol);
        for (ChatMessage message : messages) {
            builder.message(turns.of(message));
        }
    }

    private void parameters() {
        builder.model(parameters.modelName());
        if (parameters.temperature() != null) {
            builder.temperature(parameters.temperature());
        }
        if (parameters.topP() != null) {
            builder.topP(parameters.topP());
        }
        if (parameters.maxOutputTokens() != null) {
            builder.maxCompletionTokens(parameters.maxOutputTokens());
        }
        if (parameters.stopSequences() != null) {
            builder.stop(parameters.stopSequences());
        }
        field(Provenance.ANTHROPIC, "top_k", "topK", parameters.topK());
        field(Provenance.OPENAI, "frequency_penalty", "frequencyPenalty", parameters.frequencyPenalty());
        field(Provenance.OPENAI, "presence_penalty", "presencePenalty", parameters.presencePenalty());
        tools();
        format();
    }

    /** A parameter that one protocol has a field for and the other has not. */
    private void field(String of, String field, String parameter, @Nullable Object value) {
        if (value == null) {
            return;
        }
        if (!protocol.isEmpty() && !protocol.equals(of)) {
            throw new UnsupportedFeatureException(
                    "The protocol " + protocol + " does not support the parameter " + parameter + ": leave it unset.");
        }
        builder.extra(of, field, value);
    }

    private void tools() {
        List<ToolSpecification> tools = parameters.toolSpecifications();
        if (tools == null || tools.isEmpty()) {
            return;
        }
        for (ToolSpecification tool : tools) {
            Boolean strict = tool.strict();
            String description = tool.description() == null ? "" : tool.description();
            Tool offered = Tool.function(
                    tool.name(), description, Schemas.ofTool(tool.parameters(), Boolean.TRUE.equals(strict)));
            builder.tool(strict == null ? offered : offered.strict(strict));
        }
        ToolChoice choice = parameters.toolChoice();
        if (choice != null) {
            builder.toolChoice(
                    switch (choice) {
                        case AUTO -> Tool.Choice.AUTO;
                        case REQUIRED -> Tool.Choice.REQUIRED;
                        case NONE -> Tool.Choice.NONE;
                    });
        }
    }

    private void format() {
        dev.langchain4j.model.chat.request.ResponseFormat format = parameters.responseFormat();
        if (format == null || format.type() == ResponseFormatType.TEXT) {
            return;
        }
        JsonSchema schema = format.jsonSchema();
        if (schema == null) {
            if (protocol.equals(Provenance.ANTHROPIC)) {
                throw new UnsupportedFeatureException("The protocol " + protocol
                        + " does not support the JSON response format without a schema: give a schema.");
            }
            builder.responseFormat(ResponseFormat.JSON_OBJECT);
            return;
        }
        String name = schema.name() == null ? "response" : schema.name();
        builder.responseFormat(ResponseFormat.jsonSchema(name, Schemas.ofFormat(schema.rootElement())));
    }

    private void ownParameters() {
        if (!(parameters instanceof KimiChatRequestParameters own)) {
            return;
        }
        if (own.reasoningEffort() != null) {
            builder.reasoningEffort(own.reasoningEffort());
        }
        if (own.thinking() != null) {
            builder.thinking(own.thinking());
        }
        if (own.parallelToolCalls() != null) {
            builder.parallelToolCalls(own.parallelToolCalls());
        }
        if (own.cacheLifetime() != null) {
            builder.cacheLifetime(own.cacheLifetime());
        }
        if (own.deadline() != null) {
            builder.deadline(own.deadline());
        }
        if (own.userId() != null) {
            builder.userId(own.userId());
        }
        if (own.sessionId() != null) {
            builder.sessionId(own.sessionId());
        }
        own.extra().forEach(builder::extra);
    }
}
