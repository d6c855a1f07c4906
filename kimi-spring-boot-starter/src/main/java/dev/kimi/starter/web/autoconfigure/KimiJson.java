package dev.kimi.starter.web.autoconfigure;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.kimi.service.ModelCard;
import tools.jackson.databind.module.SimpleModule;

/**
 * JSON of the chat model, for whoever writes it with the application's mapper: names are those of the Java methods, and
 * the application's own naming strategy applies. Types that have no JSON are rejected.
 */
final class KimiJson extends SimpleModule {

    private static final long serialVersionUID = 1L;

    KimiJson() {
        super("dev.kimi");
        setMixInAnnotation(ChatResponse.class, JsonForms.OfResponse.class);
        setMixInAnnotation(ChatEvent.class, JsonForms.OfEvent.class);
        setMixInAnnotation(Message.class, JsonForms.OfMessage.class);
        setMixInAnnotation(Message.Role.class, JsonForms.OfRole.class);
        setMixInAnnotation(ContentPart.class, JsonForms.OfPart.class);
        setMixInAnnotation(ContentPart.Opaque.class, JsonForms.OfOpaque.class);
        setMixInAnnotation(ChatEvent.Other.class, JsonForms.OfOpaque.class);
        setMixInAnnotation(ToolCall.class, JsonForms.OfToolCall.class);
        setMixInAnnotation(FinishReason.class, JsonForms.OfFinishReason.class);
        setMixInAnnotation(Usage.class, JsonForms.OfUsage.class);
        setMixInAnnotation(Usage.Builder.class, JsonForms.OfUsageBuilder.class);
        setMixInAnnotation(ModelCard.class, JsonForms.OfModelCard.class);
        setMixInAnnotation(ModelCard.Builder.class, JsonForms.OfModelCardBuilder.class);
        addSerializer(new EventWriter());
        setSerializerModifier(new RejectedTypes());
    }
}
