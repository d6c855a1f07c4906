package dev.kimi.gateway.messages;

import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.Provenance;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.gateway.hash.Digests;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayTarget;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A request of the Messages protocol. */
final class MessagesChat implements InboundChat {

    private static final String PATH = "/v1/messages";
    private static final String COUNT = "/count_tokens";
    private static final String SESSION = "x-claude-code-session-id";
    private static final String OPEN_HEADERS = "anthropic-";
    private static final String STRICT_VERSION = "2026-10-21";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    private final InboundHead head;
    private final byte[] body;
    private final ScannedBody scanned;
    private final MessagesProperties properties;
    private final @Nullable String sessionId;

    MessagesChat(InboundHead head, byte[] body, ScannedBody scanned, MessagesProperties properties) {
        this.head = head;
        this.body = body;
        this.scanned = scanned;
        this.properties = properties;
        this.sessionId = session(head.headers().get(SESSION), scanned.userId());
    }

    private static @Nullable String session(@Nullable String header, @Nullable String userId) {
        if (header != null && !header.isBlank()) {
            return ID.matcher(header).matches() ? header : Digests.of(header);
        }
        return userId == null || userId.isBlank() ? null : Digests.of(userId);
    }

    @Override
    public String model() {
        return scanned.model();
    }

    @Override
    public boolean streamed() {
        return scanned.streamed();
    }

    @Override
    public long inputTokens() {
        return scanned.inputTokens();
    }

    @Override
    public long outputCap() {
        return scanned.maxTokens();
    }

    @Override
    public @Nullable String sessionId() {
        return sessionId;
    }

    @Override
    public RelayForm formFor(RelayTarget target) {
        return target.protocol().equals(Provenance.ANTHROPIC)
                ? verbatim(target)
                : Translation.of(body, scanned, sessionId, target, properties);
    }

    private RelayForm verbatim(RelayTarget target) {
        ByteEdits edits = new ByteEdits();
        if (!target.model().equals(scanned.model())) {
            byte[] name = new SseBytes(64).string(target.model()).toByteArray();
            edits.add(new ByteEdits.Edit(scanned.modelStart(), scanned.modelEnd(), name));
        }
        List<Note> notes = List.of();
        if (signs(target.card())) {
            sampling();
            scanned.unsigned().forEach(edits::add);
            notes = scanned.unsigned().isEmpty() ? notes : List.of(new Note(DROPPED, Losses.UNSIGNED_THINKING));
        }
        String path = head.path().endsWith(COUNT) ? PATH + COUNT : PATH;
        String query = head.query() == null ? "" : "?" + head.query();
        return new RelayForm.Verbatim(path + query, headers(), edits.apply(body), notes);
    }

    /** An open list: new ones come with each release of a client, and mean something only with what is in the body. */
    private Map<String, String> headers() {
        Map<String, String> forwarded = new HashMap<>();
        head.headers().forEach((name, value) -> {
            if (name.startsWith(OPEN_HEADERS)) {
                forwarded.put(name, value);
            }
        });
        return forwarded;
    }

    /** Kimi and others speak the protocol too, sign nothing, and want their thinking back as it was. */
    private static boolean signs(ModelCard card) {
        return !card.knows(Fact.REASONING_SIGNED) || card.flag(Fact.REASONING_SIGNED);
    }

    /** In these words the service rejects it, a round trip later. */
    private void sampling() {
        if (scanned.sampling() != null && STRICT_VERSION.equals(head.headers().get("anthropic-version"))) {
            throw Invalid.request(
                    scanned.sampling() + ": Extra inputs are not permitted. Requests of anthropic-version "
                            + STRICT_VERSION + " have no sampling parameters: leave it out.");
        }
    }

    @Override
    public String toString() {
        return "MessagesChat[" + scanned.model() + ", " + body.length + " bytes]";
    }
}
