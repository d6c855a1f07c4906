package dev.kimi.test.junit;

import dev.kimi.KimiClient;
import dev.kimi.time.Timer;
import dev.kimi.transport.Transport;
import java.util.ArrayList;
import java.util.List;

/**
 * What tests must leave as they found it, for extensions that check it: {@link KimiSimulatorExtension}, and that of
 * {@code @KimiTest}. What is tracked: for one test, or for all. Each thing once, however often it is given, and a pool
 * once for all that share it. Thread-safe.
 */
public final class Tracking {

    /** Those of all tests come first. */
    private final List<Entry> entries = new ArrayList<>();

    private boolean inTest;

    /** Tracks nothing yet. */
    public Tracking() {}

    /** @param subject what was given, by identity */
    private record Entry(Object subject, boolean ofOneTest, List<Tracked> parts) {}

    /** What is tracked from now on is the test's own. */
    synchronized void testBegins() {
        inTest = true;
    }

    /** Forgets what was the test's own. */
    synchronized void testEnded() {
        inTest = false;
        entries.removeIf(Entry::ofOneTest);
    }

    /** Tracks the calls and streams of a client, and its pool. */
    public synchronized void add(KimiClient client) {
        if (isNew(client)) {
            boolean pooled = entries.stream().anyMatch(entry -> sharePool(client, entry.subject()));
            Tracked calls = new Tracked.Calls(client);
            add(client, pooled ? List.of(calls) : List.of(calls, poolOf(client)));
        }
    }

    private static Tracked poolOf(KimiClient client) {
        return new Tracked.Pool("the client '" + client.name() + "'", client::pool);
    }

    private static boolean sharePool(KimiClient client, Object tracked) {
        return tracked instanceof KimiClient other && client.sharesPoolWith(other)
                || tracked instanceof Transport transport && client.sharesPoolWith(transport);
    }

    synchronized void add(Transport transport) {
        if (isNew(transport)) {
            boolean pooled = clients().stream().anyMatch(client -> client.sharesPoolWith(transport));
            add(transport, pooled ? List.of() : List.of(new Tracked.Pool("the transport", transport::pool)));
        }
    }

    synchronized void add(Timer timer) {
        if (isNew(timer)) {
            add(timer, List.of(new Tracked.Tasks(timer)));
        }
    }

    private boolean isNew(Object subject) {
        return entries.stream().noneMatch(entry -> entry.subject() == subject);
    }

    private void add(Object subject, List<Tracked> parts) {
        parts.forEach(Tracked::mark);
        entries.add(new Entry(subject, inTest, parts));
    }

    /** The clients that are tracked. */
    synchronized List<KimiClient> clients() {
        return entries.stream()
                .map(Entry::subject)
                .filter(KimiClient.class::isInstance)
                .map(KimiClient.class::cast)
                .toList();
    }

    /** Takes what is there now as not the coming test's doing. */
    public void mark() {
        parts().forEach(Tracked::mark);
    }

    /** What is there, and was not at the mark. */
    public List<String> leaks() {
        return parts().stream().flatMap(part -> part.leaks().stream()).toList();
    }

    /** Connections that are idle in tracked pools. */
    public int idleConnections() {
        return parts().stream()
                .filter(Tracked.Pool.class::isInstance)
                .mapToInt(pool -> ((Tracked.Pool) pool).idle())
                .sum();
    }

    private synchronized List<Tracked> parts() {
        return entries.stream().flatMap(entry -> entry.parts().stream()).toList();
    }
}
