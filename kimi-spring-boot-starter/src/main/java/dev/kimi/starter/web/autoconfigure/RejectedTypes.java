package dev.kimi.starter.web.autoconfigure;

import dev.kimi.error.KimiException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.impl.UnknownSerializer;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Rejects our types of which nothing useful could be written: those that would be <code>{}</code>, exceptions, whose
 * stack trace is nobody's business, and streams and bulk runs, which would be read to their end on the calling thread.
 */
final class RejectedTypes extends ValueSerializerModifier {

    private static final long serialVersionUID = 1L;

    private static final String OURS = "dev.kimi.";

    @Override
    public ValueSerializer<?> modifySerializer(
            SerializationConfig config, BeanDescription.Supplier type, ValueSerializer<?> serializer) {
        return isRejected(type.getBeanClass(), serializer) ? new Rejecting(type.getBeanClass()) : serializer;
    }

    private static boolean isRejected(Class<?> type, ValueSerializer<?> serializer) {
        return KimiException.class.isAssignableFrom(type)
                || type.getName().startsWith(OURS)
                        && (serializer instanceof UnknownSerializer || AutoCloseable.class.isAssignableFrom(type));
    }

    private static final class Rejecting extends StdSerializer<Object> {

        Rejecting(Class<?> type) {
            super(type);
        }

        @Override
        public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
            context.reportBadDefinition(
                    handledType(),
                    "A " + handledType().getName() + " has no JSON. Return what your callers need of it, as a record"
                            + " of your own or as one of the types that have JSON: ChatResponse, ChatEvent, Message,"
                            + " Usage, ToolCall, ModelCard.");
        }
    }
}
