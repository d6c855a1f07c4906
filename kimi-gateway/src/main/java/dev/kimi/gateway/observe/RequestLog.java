package dev.kimi.gateway.observe;

import dev.kimi.chat.Usage;
import dev.kimi.gateway.call.GatewayCall;
import dev.kimi.gateway.call.GatewayListener;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes a line at the end of each call to the logger {@value #NAME}: as {@code name=value} pairs in the message, and
 * as members of the same names where Boot's structured logging is on.
 */
final class RequestLog implements GatewayListener {

    static final String NAME = "dev.kimi.gateway.requests";

    private static final Logger LOG = LoggerFactory.getLogger(NAME);

    @Override
    public void ended(GatewayCall call) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        Map<String, Object> fields = fieldsOf(call);
        LoggingEventBuilder line = LOG.atInfo();
        for (Map.Entry<String, Object> field : fields.entrySet()) {
            line = line.addKeyValue(field.getKey(), field.getValue());
        }
        line.log(fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + field.getValue())
                .collect(Collectors.joining(" ")));
    }

    /** What is not known is left out. */
    private static Map<String, Object> fieldsOf(GatewayCall call) {
        LogFields fields = new LogFields()
                .text("trace", call.traceId())
                .text("request", call.id())
                .text("key", call.keyId())
                .text("operation", call.operation())
                .text("protocol", call.protocol())
                .text("model", call.model())
                .text("endpoint", call.endpoint())
                .text("upstream_model", call.upstreamModel())
                .number("status", call.status())
                .text("outcome", lower(call.outcome()))
                .text("error", lower(call.error()));
        Usage usage = call.usage();
        if (!usage.equals(Usage.NONE)) {
            fields.number("input_tokens", usage.promptTokens())
                    .number("cache_read_tokens", usage.cachedTokens())
                    .number("output_tokens", usage.completionTokens());
        }
        return fields.text("cost_usd", call.cost() == null ? null : call.cost().toPlainString())
                .millis("queue_ms", call.startNanos(), call.admittedNanos())
                .millis("first_byte_ms", call.startNanos(), call.firstByteNanos())
                .millis("total_ms", call.startNanos(), call.endNanos())
                .number("attempts", call.attempts())
                .text("dropped", Notes.dropped(call))
                .all();
    }

    private static @Nullable String lower(@Nullable Enum<?> value) {
        return value == null ? null : value.name().toLowerCase(Locale.ROOT);
    }
}
