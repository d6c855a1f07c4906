package dev.kimi.gateway.completions;

import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.gateway.dialect.InboundChat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a translation has left out and changed, each name once. The names are constants of this package or members that
 * it knows, never a text of the client's: they become the values of a tag.
 */
final class TranslationNotes {

    private final Set<Note> notes = new LinkedHashSet<>(0);

    void dropped(String name) {
        notes.add(new Note(InboundChat.DROPPED, name));
    }

    void changed(String name) {
        notes.add(new Note(InboundChat.CHANGED, name));
    }

    List<Note> list() {
        return List.copyOf(notes);
    }
}
