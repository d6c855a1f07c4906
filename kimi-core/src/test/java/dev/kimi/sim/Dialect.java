package dev.kimi.sim;

import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import java.util.Map;

/** What a simulated service says, in the words of one protocol. */
enum Dialect {
    OPENAI(new OpenAiProtocol(), "{\"content\"") {
        @Override
        String whole(String text) {
            return "{\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                    + text
                    + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7,"
                    + "\"total_tokens\":12}}";
        }

        @Override
        String unreadable() {
            return "{\"choices\":\"none\"}";
        }

        @Override
        String beginning() {
            return "";
        }

        @Override
        String word(String text) {
            return "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"}}]}\n\n";
        }

        @Override
        String malformed() {
            return "data: {\"choices\":[{]\n\n";
        }

        @Override
        String end() {
            return "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
                    + "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7,\"total_tokens\":12}}\n\n"
                    + "data: [DONE]\n\n";
        }

        @Override
        String error(String type, String message) {
            return "{\"error\":{\"message\":\"" + message + "\",\"type\":\"" + type + "\"}}";
        }
    },

    ANTHROPIC(new MessagesProtocol(MessagesProtocol.LATEST_VERSION), "\"text_delta\"") {

        /** The protocol's own names. What has none comes through gateways as it is. */
        private static final Map<String, String> NAMES = Map.of(
                "server_error", "api_error",
                "server_unavailable", "api_error",
                "engine_overloaded_error", "overloaded_error",
                "rate_limit_reached_error", "rate_limit_error",
                "exceeded_current_quota_error", "billing_error",
                "invalid_authentication_error", "authentication_error",
                "permission_denied_error", "permission_error",
                "resource_not_found_error", "not_found_error");

        @Override
        String whole(String text) {
            return "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"text\","
                    + "\"text\":\"" + text + "\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":2,"
                    + "\"cache_read_input_tokens\":3,\"output_tokens\":7}}";
        }

        @Override
        String unreadable() {
            return "{\"role\":\"assistant\",\"content\":\"none\"}";
        }

        @Override
        String beginning() {
            return "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\","
                    + "\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":2,"
                    + "\"cache_read_input_tokens\":3,\"output_tokens\":1}}}\n\n"
                    + "data: {\"type\":\"content_block_start\",\"index\":0,"
                    + "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
                    + "event: ping\ndata: {\"type\": \"ping\"}\n\n";
        }

        @Override
        String word(String text) {
            return "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""
                    + text + "\"}}\n\n";
        }

        @Override
        String malformed() {
            return "data: {\"type\":\"content_block_delta\",]\n\n";
        }

        @Override
        String end() {
            return "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
                    + "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
                    + "\"usage\":{\"output_tokens\":7}}\n\n"
                    + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
        }

        @Override
        String error(String type, String message) {
            return "{\"type\":\"error\",\"error\":{\"type\":\"" + NAMES.getOrDefault(type, type) + "\",\"message\":\""
                    + message + "\"},\"request_id\":\"req_1\"}";
        }
    };

    final Protocol protocol;
    /** What events with text have in common. */
    final String text;

    Dialect(Protocol protocol, String text) {
        this.protocol = protocol;
        this.text = text;
    }

    /** The one that a request is made in. */
    static Dialect of(String target) {
        return target.equals(ANTHROPIC.protocol.chatPath()) ? ANTHROPIC : OPENAI;
    }

    /** A whole response. */
    abstract String whole(String text);

    /** JSON that is no response. */
    abstract String unreadable();

    /** The events of a stream before those with text. */
    abstract String beginning();

    /** An event with text. */
    abstract String word(String text);

    abstract String malformed();

    /** The events of a stream after those with text. */
    abstract String end();

    abstract String error(String type, String message);
}
