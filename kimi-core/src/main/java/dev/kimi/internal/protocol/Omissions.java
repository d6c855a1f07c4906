package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.Provenance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts what a request loses on its way to a service, and says it in one note for each kind. */
public final class Omissions {

    private final Provenance here;
    private final Map<Lost, Integer> lost = new LinkedHashMap<>(0);

    private record Lost(String code, String what, @Nullable Provenance origin) {}

    public Omissions(Provenance here) {
        this.here = here;
    }

    public void reasoning(Provenance origin) {
        count(new Lost(Note.REASONING_OMITTED, "reasoning", origin));
    }

    /** @param type the kind of content, as its protocol calls it */
    public void content(String type, Provenance origin) {
        count(new Lost(Note.CONTENT_OMITTED, type.isEmpty() ? "unnamed" : type, origin));
    }

    public void field(String name) {
        count(new Lost(Note.FIELD_OMITTED, name, null));
    }

    private void count(Lost what) {
        lost.merge(what, 1, Integer::sum);
    }

    public List<Note> notes() {
        List<Note> notes = new ArrayList<>(lost.size());
        lost.forEach((what, times) -> notes.add(new Note(what.code(), message(what, times))));
        return notes;
    }

    private String message(Lost what, int times) {
        String to = here.model() + " at " + here.service();
        Provenance origin = what.origin();
        if (origin == null) {
            return "The field " + what.what() + " was not sent to " + to + ": it is for the client's own protocol, and "
                    + "this service speaks " + here.protocol() + ". Give it with its protocol, or for this one too.";
        }
        String what2 = what.code().equals(Note.REASONING_OMITTED)
                ? times + " block" + (times == 1 ? "" : "s") + " of reasoning"
                : times + " block" + (times == 1 ? "" : "s") + " of type " + what.what();
        return what2 + (times == 1 ? " was" : " were") + " not sent to " + to + ": only " + origin.model() + " at "
                + origin.service() + " can read " + (times == 1 ? "it." : "them.");
    }
}
