package dev.kimi.gateway.key.store;

import dev.kimi.gateway.key.KeyStore;
import dev.kimi.gateway.key.VirtualKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/** Keys in the table {@code kimi_gateway_key}: a row of JSON for each, which the file of keys would hold too. */
final class JdbcKeyStore implements KeyStore {

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    /** What was read from each row last. */
    private Map<String, Row> last = Map.of();

    JdbcKeyStore(DataSource dataSource) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
    }

    @Override
    public synchronized List<VirtualKey> load() {
        Map<String, String> bodies = new HashMap<>();
        try {
            jdbc.query("SELECT id, body FROM kimi_gateway_key", row -> {
                bodies.put(row.getString(1), row.getString(2));
            });
        } catch (DataAccessException e) {
            throw Database.failed("be read", e);
        }
        Map<String, Row> rows = new HashMap<>();
        bodies.forEach((id, body) -> {
            Row before = last.get(id);
            rows.put(id, before != null && before.body().equals(body) ? before : Row.of(id, body));
        });
        last = rows;
        return rows.values().stream().map(Row::key).toList();
    }

    @Override
    public VirtualKey update(String id, Function<@Nullable VirtualKey, VirtualKey> change) {
        try {
            VirtualKey kept = transaction.execute(status -> locked(id, change));
            if (kept == null) {
                throw new IllegalStateException("a transaction gives what was kept");
            }
            return kept;
        } catch (DataAccessException | TransactionException e) {
            throw Database.failed("be changed", e);
        }
    }

    private VirtualKey locked(String id, Function<@Nullable VirtualKey, VirtualKey> change) {
        List<@Nullable String> bodies =
                jdbc.queryForList("SELECT body FROM kimi_gateway_key WHERE id = ? FOR UPDATE", String.class, id);
        String before = bodies.isEmpty() ? null : bodies.get(0);
        VirtualKey kept =
                change.apply(before == null ? null : Row.of(id, before).key());
        String body = KeyJson.write(kept);
        if (before == null) {
            jdbc.update("INSERT INTO kimi_gateway_key (id, body) VALUES (?, ?)", id, body);
        } else {
            jdbc.update("UPDATE kimi_gateway_key SET body = ? WHERE id = ?", body, id);
        }
        return kept;
    }

    private record Row(String body, VirtualKey key) {

        private static Row of(String id, String body) {
            return new Row(body, KeyJson.read(body, "Row " + id + " of kimi_gateway_key"));
        }
    }
}
