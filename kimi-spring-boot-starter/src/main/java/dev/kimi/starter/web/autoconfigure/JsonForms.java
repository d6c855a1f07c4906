package dev.kimi.starter.web.autoconfigure;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatResponse.CutToolCall;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.kimi.service.ModelCard;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonPOJOBuilder;

/**
 * Annotations for types of a library that knows no Jackson. Fields that services add without notice, and ids that only
 * their support can use, are not part of the JSON.
 */
final class JsonForms {

    private JsonForms() {}

    @JsonAutoDetect(
            fieldVisibility = Visibility.NONE,
            getterVisibility = Visibility.NONE,
            isGetterVisibility = Visibility.NONE)
    @JsonPropertyOrder({
        "id",
        "model",
        "text",
        "reasoning",
        "toolCalls",
        "cutToolCalls",
        "finishReason",
        "usage",
        "notes"
    })
    interface OfResponse {
        @JsonProperty
        String id();

        @JsonProperty
        String model();

        @JsonProperty
        String text();

        @JsonProperty
        String reasoning();

        @JsonProperty
        List<ToolCall> toolCalls();

        @JsonProperty
        List<CutToolCall> cutToolCalls();

        @JsonProperty
        FinishReason finishReason();

        @JsonProperty
        Usage usage();

        @JsonProperty
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<ChatResponse.Note> notes();
    }

    @JsonAutoDetect(
            fieldVisibility = Visibility.NONE,
            getterVisibility = Visibility.NONE,
            isGetterVisibility = Visibility.NONE)
    @JsonDeserialize(builder = Usage.Builder.class)
    @JsonPropertyOrder({
        "promptTokens",
        "completionTokens",
        "totalTokens",
        "cachedTokens",
        "cacheWriteTokens",
        "reasoningTokens"
    })
    interface OfUsage {
        @JsonProperty
        long promptTokens();

        @JsonProperty
        long completionTokens();

        @JsonProperty
        long totalTokens();

        @JsonProperty
        long cachedTokens();

        @JsonProperty
        long cacheWriteTokens();

        @JsonProperty
        long reasoningTokens();
    }

    @JsonPOJOBuilder(withPrefix = "")
    interface OfUsageBuilder {}

    @JsonAutoDetect(
            fieldVisibility = Visibility.NONE,
            getterVisibility = Visibility.NONE,
            isGetterVisibility = Visibility.NONE)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonPropertyOrder({"role", "text", "parts", "reasoning", "toolCalls", "toolCallId"})
    interface OfMessage {
        @JsonProperty
        Message.Role role();

        @JsonProperty
        @JsonInclude
        String text();

        @JsonProperty
        List<ContentPart> parts();

        @JsonProperty
        @Nullable String reasoning();

        @JsonProperty
        List<ToolCall> toolCalls();

        @JsonProperty
        @Nullable String toolCallId();
    }

    /** For reading; {@link EventWriter} writes the same. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = ChatEvent.Text.class, name = "text"),
        @JsonSubTypes.Type(value = ChatEvent.Reasoning.class, name = "reasoning"),
        @JsonSubTypes.Type(value = ChatEvent.ToolFragment.class, name = "tool-fragment"),
        @JsonSubTypes.Type(value = ChatEvent.Tokens.class, name = "tokens"),
        @JsonSubTypes.Type(value = ChatEvent.Finished.class, name = "finished"),
        @JsonSubTypes.Type(value = ChatEvent.Other.class, name = "other")
    })
    interface OfEvent {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = ContentPart.Text.class, name = "text"),
        @JsonSubTypes.Type(value = ContentPart.Image.class, name = "image"),
        @JsonSubTypes.Type(value = ContentPart.Opaque.class, name = "opaque")
    })
    interface OfPart {}

    /** Both kinds of {@code type} would be one member. */
    interface OfOpaque {
        @JsonProperty("kind")
        String type();
    }

    /** Its place says what it is. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NONE)
    interface OfToolCall {}

    interface OfRole {
        @JsonValue
        String wireName();
    }

    interface OfFinishReason {
        @JsonValue
        String value();

        @JsonCreator
        static FinishReason of(String value) {
            return FinishReason.of(value);
        }
    }

    @JsonAutoDetect(
            fieldVisibility = Visibility.NONE,
            getterVisibility = Visibility.NONE,
            isGetterVisibility = Visibility.NONE)
    @JsonDeserialize(builder = ModelCard.Builder.class)
    @JsonPropertyOrder({"id", "contextLength", "reasoning", "imageInput"})
    interface OfModelCard {
        @JsonProperty
        String id();

        @JsonProperty
        long contextLength();

        @JsonProperty
        boolean reasoning();

        @JsonProperty
        boolean imageInput();
    }

    @JsonPOJOBuilder(withPrefix = "")
    @JsonIgnoreProperties({"fact", "extra"})
    interface OfModelCardBuilder {}
}
