package dev.kimi.gateway.key.store;

import dev.kimi.gateway.key.SpendingStore;
import dev.kimi.time.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What was spent, in a file of JSON: rows by instance, so that several gateways on one machine can share it, and a
 * write that is done twice changes nothing. Rows are dropped two months after their period.
 */
final class FileSpendingStore implements SpendingStore {

    private static final Duration FRESH = Duration.ofMinutes(1);
    private static final int KEPT_MONTHS = 2;

    private final LockedFile file;
    private final String instance;
    private final TimeSource time;
    private byte @Nullable [] lastRead;
    private Content last = new Content(new TreeMap<>());

    FileSpendingStore(Path path, String instance, TimeSource time) {
        this.file = new LockedFile(path);
        this.instance = instance;
        this.time = time;
    }

    @Override
    public void publish(List<Spending> own) {
        file.change(before -> {
            Map<String, Instance> instances =
                    new TreeMap<>(before == null ? Map.of() : parse(before).instances());
            Instance earlier = instances.get(instance);
            Map<String, Spending> rows = new TreeMap<>();
            if (earlier != null) {
                earlier.rows().forEach(row -> rows.put(row.period() + ' ' + row.keyId(), row));
            }
            own.forEach(row -> rows.put(row.period() + ' ' + row.keyId(), row));
            instances.put(instance, new Instance(time.now(), List.copyOf(rows.values())));
            return KeyJson.MAPPER.writeValueAsBytes(new Content(recent(instances)));
        });
    }

    private Map<String, Instance> recent(Map<String, Instance> instances) {
        String oldest = LocalDate.ofInstant(time.now(), ZoneOffset.UTC)
                .minusMonths(KEPT_MONTHS)
                .toString()
                .substring(0, "2026-11".length());
        Map<String, Instance> recent = new TreeMap<>();
        instances.forEach((id, one) -> {
            List<Spending> rows = one.rows().stream()
                    .filter(row -> row.period().compareTo(oldest) >= 0)
                    .toList();
            if (!rows.isEmpty() || id.equals(instance)) {
                recent.put(id, new Instance(one.seen(), rows));
            }
        });
        return recent;
    }

    @Override
    public List<Spending> others(Set<String> periods) {
        byte[] content = file.read();
        if (content == null) {
            return List.of();
        }
        if (!Arrays.equals(content, lastRead)) {
            last = parse(content);
            lastRead = content;
        }
        Instant stale = time.now().minus(FRESH);
        Map<String, Spending> sums = new TreeMap<>();
        last.instances().forEach((id, one) -> {
            if (!id.equals(instance)) {
                boolean fresh = one.seen().isAfter(stale);
                one.rows().stream()
                        .filter(row -> periods.contains(row.period()))
                        .forEach(row -> sums.merge(
                                row.period() + ' ' + row.keyId(),
                                new Spending(row.keyId(), row.period(), row.spent(), fresh ? row.open() : 0),
                                FileSpendingStore::sum));
            }
        });
        return new ArrayList<>(sums.values());
    }

    private static Spending sum(Spending one, Spending other) {
        return new Spending(one.keyId(), one.period(), one.spent() + other.spent(), one.open() + other.open());
    }

    private Content parse(byte[] content) {
        try {
            return KeyJson.MAPPER.readValue(content, Content.class);
        } catch (JacksonException e) {
            throw Failures.of(file.path() + " does not say what was spent: " + KeyJson.problem(e)
                    + " Move it away to begin at nothing.");
        }
    }

    /** All of the file: what each run of a gateway has spent. */
    record Content(Map<String, Instance> instances) {
        Content {
            instances = Map.copyOf(instances);
        }
    }

    /**
     * A run of a gateway.
     *
     * @param seen when it has written last
     */
    record Instance(Instant seen, List<Spending> rows) {
        Instance {
            rows = rows == null ? List.of() : List.copyOf(rows);
            seen = seen.truncatedTo(ChronoUnit.SECONDS);
        }
    }
}
