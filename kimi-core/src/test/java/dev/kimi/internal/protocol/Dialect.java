package dev.kimi.internal.protocol;

import dev.kimi.internal.protocol.anthropic.MessagesProtocol;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;

/** How each protocol says the same thing, for tests of what holds in both. */
public enum Dialect {
    OPENAI(new OpenAiProtocol()) {
        @Override
        public String text(String text) {
            return event("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"}}]}");
        }

        @Override
        public String reasoning(String text) {
            return event("{\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"" + text + "\"}}]}");
        }

        @Override
        public String toolCall(String name, String arguments) {
            return event("{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"type\":"
                    + "\"function\",\"function\":{\"name\":\"" + name + "\",\"arguments\":\"" + quoted(arguments)
                    + "\"}}]}}]}");
        }

        @Override
        public String finished(boolean callsTools) {
            return event("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\""
                    + (callsTools ? "tool_calls" : "stop") + "\"}]}");
        }

        @Override
        public String endMark() {
            return event("[DONE]");
        }

        @Override
        public String whole(String text) {
            return "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"" + text
                    + "\"},\"finish_reason\":\"stop\"}]}";
        }

        @Override
        public String error(String type, String message) {
            return "{\"error\":{\"type\":\"" + type + "\",\"message\":\"" + message + "\"}}";
        }
    },
    ANTHROPIC(new MessagesProtocol(MessagesProtocol.LATEST_VERSION)) {
        @Override
        public String text(String text) {
            return delta("{\"type\":\"text_delta\",\"text\":\"" + text + "\"}", 0);
        }

        @Override
        public String reasoning(String text) {
            return delta("{\"type\":\"thinking_delta\",\"thinking\":\"" + text + "\"}", 1);
        }

        @Override
        public String toolCall(String name, String arguments) {
            return event(
                            "{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":"
                                    + "\"c\",\"name\":\"" + name + "\",\"input\":{}}}")
                    + delta("{\"type\":\"input_json_delta\",\"partial_json\":\"" + quoted(arguments) + "\"}", 2);
        }

        @Override
        public String finished(boolean callsTools) {
            return event("{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\""
                    + (callsTools ? "tool_use" : "end_turn") + "\"}}");
        }

        @Override
        public String endMark() {
            return event("{\"type\":\"message_stop\"}");
        }

        @Override
        public String whole(String text) {
            return "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"" + text
                    + "\"}],\"stop_reason\":\"end_turn\"}";
        }

        @Override
        public String error(String type, String message) {
            return "{\"type\":\"error\",\"error\":{\"type\":\"" + type + "\",\"message\":\"" + message + "\"}}";
        }

        private String delta(String delta, int index) {
            return event("{\"type\":\"content_block_delta\",\"index\":" + index + ",\"delta\":" + delta + "}");
        }
    };

    private final Protocol protocol;

    Dialect(Protocol protocol) {
        this.protocol = protocol;
    }

    public Protocol protocol() {
        return protocol;
    }

    /** An event with a piece of text, which is put between quotation marks as it is. */
    public abstract String text(String text);

    /** An event with a piece of reasoning. */
    public abstract String reasoning(String text);

    /** The events of a tool call with these arguments. */
    public abstract String toolCall(String name, String arguments);

    /** An event with the reason to stop. */
    public abstract String finished(boolean callsTools);

    /** The end mark of a stream. */
    public abstract String endMark();

    /** A whole response that is not streamed. */
    public abstract String whole(String text);

    /** The body of an error. */
    public abstract String error(String type, String message);

    /** An event with this data. */
    public static String event(String data) {
        return "data: " + data + "\n\n";
    }

    private static String quoted(String json) {
        return json.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
