package dev.kimi.gateway.observe;

import dev.kimi.chat.ChatResponse;
import dev.kimi.gateway.call.GatewayCall;
import dev.kimi.gateway.dialect.InboundChat;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What became of requests on their way, by the names of a closed list. */
final class Notes {

    private Notes() {}

    /** Those of a kind, {@link InboundChat#DROPPED} or {@link InboundChat#CHANGED}. */
    static List<String> of(GatewayCall call, String kind) {
        return call.notes().stream()
                .filter(note -> note.code().equals(kind))
                .map(ChatResponse.Note::message)
                .distinct()
                .toList();
    }

    /** What was dropped, with commas between; null for nothing. */
    static @Nullable String dropped(GatewayCall call) {
        List<String> names = of(call, InboundChat.DROPPED);
        return names.isEmpty() ? null : names.stream().collect(Collectors.joining(","));
    }
}
