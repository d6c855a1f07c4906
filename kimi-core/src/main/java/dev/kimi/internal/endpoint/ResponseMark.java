package dev.kimi.internal.endpoint;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Tool;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a response says of the request that it is a response to.
 *
 * @param endpoint the name of the endpoint that the request went to
 * @param origin who was asked, or null when it is no chat
 * @param notes what could not be sent
 * @param verbatim whether the request was relayed as it came
 * @param tools those of the request, as far as they are known
 */
public record ResponseMark(
        String endpoint,
        @Nullable Provenance origin,
        List<ChatResponse.Note> notes,
        boolean verbatim,
        List<Tool> tools) {

    /** For what is no chat. */
    static final ResponseMark NONE = new ResponseMark("", null, List.of(), false, List.of());

    /** The notes of a marked response that it came with: those of the mark stand last. */
    public List<ChatResponse.Note> beyond(ChatResponse marked) {
        List<ChatResponse.Note> all = marked.notes();
        return all.subList(0, all.size() - notes.size());
    }

    /** The same mark with more notes, which stand first. */
    public ResponseMark after(List<ChatResponse.Note> more) {
        if (more.isEmpty() || origin == null) {
            return this;
        }
        List<ChatResponse.Note> all = new ArrayList<>(more);
        all.addAll(notes);
        return new ResponseMark(endpoint, origin, List.copyOf(all), verbatim, tools);
    }

    /** The response with what it says of its request. */
    public ChatResponse on(ChatResponse response) {
        return origin == null
                ? response
                : response.toBuilder()
                        .endpoint(endpoint)
                        .origin(origin)
                        .notes(notes)
                        .build();
    }
}
