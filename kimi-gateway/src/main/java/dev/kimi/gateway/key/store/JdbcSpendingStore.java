package dev.kimi.gateway.key.store;

import dev.kimi.gateway.key.SpendingStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What was spent, in the table {@code kimi_gateway_spending}: a row for each instance, key and period, written by that
 * instance alone, so that sums need no lock and a write whose outcome is not known can be done again. The database's
 * clock says what is recent. Rows stay, for accounts.
 */
final class JdbcSpendingStore implements SpendingStore {

    private static final String INTO = "kimi_gateway_spending";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final String instance;

    JdbcSpendingStore(DataSource dataSource, String instance) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        this.instance = instance;
    }

    @Override
    public void publish(List<Spending> own) {
        try {
            transaction.executeWithoutResult(status -> own.forEach(this::write));
        } catch (DataAccessException | TransactionException e) {
            throw Database.failed("be changed", e);
        }
    }

    private void write(Spending row) {
        int changed = jdbc.update(
                "UPDATE " + INTO + " SET spent = ?, reserved = ?, seen = CURRENT_TIMESTAMP"
                        + " WHERE instance = ? AND key_id = ? AND period = ?",
                row.spent(),
                row.open(),
                instance,
                row.keyId(),
                row.period());
        if (changed == 0) {
            jdbc.update(
                    "INSERT INTO " + INTO + " (spent, reserved, seen, instance, key_id, period)"
                            + " VALUES (?, ?, CURRENT_TIMESTAMP, ?, ?, ?)",
                    row.spent(),
                    row.open(),
                    instance,
                    row.keyId(),
                    row.period());
        }
    }

    @Override
    public List<Spending> others(Set<String> periods) {
        List<Object> values = new ArrayList<>(periods);
        values.add(instance);
        try {
            return jdbc.query(
                    "SELECT key_id, period, SUM(spent), SUM(CASE WHEN seen > CURRENT_TIMESTAMP - INTERVAL '60' SECOND"
                            + " THEN reserved ELSE 0 END) FROM " + INTO + " WHERE period IN ("
                            + String.join(
                                    ", ", periods.stream().map(period -> "?").toList())
                            + ") AND instance <> ? GROUP BY key_id, period",
                    (row, number) -> new Spending(row.getString(1), row.getString(2), row.getLong(3), row.getLong(4)),
                    values.toArray());
        } catch (DataAccessException e) {
            throw Database.failed("be read", e);
        }
    }
}
