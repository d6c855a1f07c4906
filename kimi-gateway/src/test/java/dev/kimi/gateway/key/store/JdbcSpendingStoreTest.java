package dev.kimi.gateway.key.store;

import dev.kimi.gateway.key.SpendingStore;
import org.springframework.jdbc.core.JdbcTemplate;

class JdbcSpendingStoreTest extends SpendingStoreContract {

    private final DatabaseFixture database = new DatabaseFixture();

    @Override
    SpendingStore store(String instance) {
        return new JdbcSpendingStore(database.dataSource(), instance);
    }

    @Override
    void minutePasses() {
        new JdbcTemplate(database.dataSource())
                .update("UPDATE kimi_gateway_spending SET seen = seen - INTERVAL '60' SECOND");
    }
}
