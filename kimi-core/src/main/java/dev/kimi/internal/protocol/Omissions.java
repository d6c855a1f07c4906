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

    private static final String MISMATCH =
            "the service rejected the request, since what stands before the reasoning was changed."
                    + " Continue with ChatRequest.after(response), and change neither the system text nor tools.";

    private final Provenance here;
    private final Map<Lost, Integer> lost = new LinkedHashMap<>(0);
    private List<Note> others = List.of();

    private record Lost(
            String code, String what, Why why, @Nullable Provenance origin) {}

    private enum Why {
        /** Only the one who made it can read it. */
        FOREIGN,
        /** Its signature is missing. */
        UNSIGNED,
        /** Another model took over after it. */
        HANDED_OVER,
        /** The service said that what stands before it was changed. */
        MISMATCH,
        /** The field is for the client's own protocol. */
        OTHER_PROTOCOL,
        /** The service has no such role where the message stands. */
        NO_ROLE,
        /** The service counts its tokens only in a call. */
        NOT_COUNTED
    }

    public Omissions(Provenance here) {
        this.here = here;
    }

    public void reasoning(Provenance origin) {
        count(new Lost(Note.REASONING_OMITTED, "", Why.FOREIGN, origin));
    }

    /** Reasoning that the service would reject, since nothing proves that it is its own. */
    public void unsignedReasoning() {
        count(new Lost(Note.REASONING_OMITTED, "", Why.UNSIGNED, null));
    }

    /** Content of a turn that the service wants back without it, since another model took over after it. */
    public void handedOver(String type) {
        count(new Lost(Note.CONTENT_OMITTED, type, Why.HANDED_OVER, null));
    }

    /** @param type the kind of content, as its protocol calls it */
    public void content(String type, Provenance origin) {
        count(new Lost(Note.CONTENT_OMITTED, type.isEmpty() ? "unnamed" : type, Why.FOREIGN, origin));
    }

    /** Reasoning, of whatever kind, that the service has rejected with the request before. */
    public void mismatchedReasoning() {
        count(new Lost(Note.REQUEST_REPAIRED, "", Why.MISMATCH, null));
    }

    /** Instructions that are sent as what the user says. */
    public void systemTurn() {
        count(new Lost(Note.ROLE_CHANGED, "", Why.NO_ROLE, null));
    }

    /** Whether some was left out for that reason. */
    public boolean hasMismatch() {
        return lost.keySet().stream().anyMatch(what -> what.why() == Why.MISMATCH);
    }

    /** The service may drop what it has rejected. */
    public void repaired() {
        other(
                Note.REQUEST_REPAIRED,
                "The request was sent to " + here.model() + " at " + here.service() + " again, which may drop reasoning"
                        + " now: " + MISMATCH);
    }

    public void field(String name) {
        count(new Lost(Note.FIELD_OMITTED, name, Why.OTHER_PROTOCOL, null));
    }

    /** The schema of a tool is sent in another form than it was given in. */
    public void schema(String tool, String changes) {
        other(
                Note.SCHEMA_CHANGED,
                "The schema of the tool " + tool + " was changed for " + here.model() + " at " + here.service() + ": "
                        + changes + ".");
    }

    private void other(String code, String message) {
        others = new ArrayList<>(others);
        others.add(new Note(code, message));
    }

    /** A field whose tokens are missing in what the service counts. */
    public void uncounted(String name) {
        count(new Lost(Note.FIELD_OMITTED, name, Why.NOT_COUNTED, null));
    }

    private void count(Lost what) {
        lost.merge(what, 1, Integer::sum);
    }

    public List<Note> notes() {
        List<Note> notes = new ArrayList<>(lost.size() + others.size());
        lost.forEach((what, times) -> notes.add(new Note(what.code(), message(what, times))));
        notes.addAll(others);
        return notes;
    }

    private String message(Lost what, int times) {
        String to = here.model() + " at " + here.service();
        if (what.why() == Why.OTHER_PROTOCOL) {
            return "The field " + what.what() + " was not sent to " + to + ": it is for the client's own protocol, and "
                    + "this service speaks " + here.protocol() + ". Give it with its protocol, or for this one too.";
        }
        if (what.why() == Why.NOT_COUNTED) {
            return "The field " + what.what() + " was not sent to " + to + ": the service counts the messages only. "
                    + "A call reads more tokens than were counted.";
        }
        boolean one = times == 1;
        if (what.why() == Why.NO_ROLE) {
            return times + (one ? " system message was" : " system messages were") + " sent to " + to
                    + " as the user's: it takes instructions at the beginning alone.";
        }
        String blocks = times
                + (one ? " block of " : " blocks of ")
                + (what.what().isEmpty() ? "reasoning" : "type " + what.what());
        return blocks + (one ? " was" : " were") + " not sent to " + to + ": " + reason(what, one ? "it" : "them");
    }

    private static String reason(Lost what, String it) {
        Provenance origin = what.origin();
        return switch (what.why()) {
            case UNSIGNED -> "the service rejects reasoning without its signature. Keep turns as they came.";
            case MISMATCH -> MISMATCH;
            case HANDED_OVER -> "another model took over after " + it + " in the same turn.";
            default ->
                "only " + (origin == null ? "its service" : origin.model() + " at " + origin.service()) + " can read "
                        + it + ".";
        };
    }
}
