package dev.kimi.sim;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a call of a route belongs to: turns that its endpoints wrote, with reasoning that only they may read. */
final class Conversation {

    private static final String THOUGHT = "thought-of-";
    private static final long SECOND = 1_000_000_000L;
    private static final long MOST_PATIENCE = 20 * SECOND;

    private final SimRoute route;
    private final int number;
    private final String model;
    private final @Nullable String session;
    /** The endpoints that wrote the turns before. */
    private final List<SimPlace> writers = new ArrayList<>();

    Conversation(SimRoute route, Chance chance, int number, String model) {
        this.route = route;
        this.number = number;
        this.model = model;
        boolean talks = route.plan() != null && chance.oneIn(2);
        this.session = talks ? "session-" + chance.below(6) : null;
        for (int turns = talks && chance.oneIn(2) ? chance.between(1, 3) : 0; turns > 0; turns--) {
            writers.add(route.places.get(chance.below(route.places.size())));
        }
    }

    /** What its cache is known by; null if it has no session. */
    @Nullable String session() {
        return session == null ? null : session + " of " + model;
    }

    void write(ChatRequest.Builder request) {
        request.user(String.valueOf(number));
        if (session != null) {
            request.sessionId(session);
        }
        for (SimPlace writer : writers) {
            Provenance origin = new Provenance(
                    writer.dialect().protocol.name(),
                    writer.address().getHost(),
                    writer.models().of(model));
            request.message(Message.of(
                    Message.Role.ASSISTANT,
                    List.of(
                            new Message.Block(
                                    new ContentPart.Reasoning(THOUGHT + writer.name() + ".", null), origin, null),
                            new Message.Block(ContentPart.text("said"), origin, null))));
            request.user("and then?");
        }
    }

    /** The name of an endpoint whose reasoning is in the body, and must not be read where it goes; or null. */
    @Nullable String foreignIn(byte[] body, SimPlace there) {
        String text = new String(body, StandardCharsets.UTF_8);
        for (SimPlace writer : writers) {
            if (text.contains(THOUGHT + writer.name() + ".") && !writer.isSameService(there)) {
                return writer.name();
            }
        }
        return null;
    }

    boolean isReasoningIn(byte[] body) {
        return new String(body, StandardCharsets.UTF_8).contains(THOUGHT);
    }

    /** Whether an endpoint may have the conversation in a cache. */
    private boolean isCachedAt(int place, long now) {
        SimPlace here = route.places.get(place);
        return route.home(session(), now) == place || writers.stream().anyMatch(here::isSameService);
    }

    /** What it costs more that the conversation is in no cache elsewhere; null where nobody can say. */
    @Nullable BigDecimal lost(int from, long now) {
        RoutePlan plan = route.plan();
        return plan == null || plan.price() == 0 || !isCachedAt(from, now)
                ? null
                : BigDecimal.valueOf(plan.price())
                        .multiply(BigDecimal.valueOf(number))
                        .movePointLeft(6);
    }

    /** How long it is worth waiting: a second, and one for each hundredth that is lost. */
    long patience(int from, long now) {
        if (!isCachedAt(from, now)) {
            return SECOND;
        }
        BigDecimal lost = lost(from, now);
        if (lost == null) {
            return 2 * SECOND;
        }
        long more = lost.multiply(BigDecimal.valueOf(100_000)).longValue() * 1_000_000;
        return Math.min(MOST_PATIENCE, SECOND + more);
    }
}
