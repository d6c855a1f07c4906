package dev.kimi.gateway.key.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.gateway.key.KeyStore;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class JdbcKeyStoreTest extends KeyStoreContract {

    private final DatabaseFixture database = new DatabaseFixture();

    @Override
    KeyStore store() {
        return new JdbcKeyStore(database.dataSource());
    }

    @Test
    void a_row_that_is_no_key_is_named() {
        new JdbcTemplate(database.dataSource())
                .update("INSERT INTO kimi_gateway_key (id, body) VALUES ('build', '{\"limit\": 1}')");

        assertThatThrownBy(() -> store().load())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("Row build of kimi_gateway_key");
    }

    @Test
    void a_database_without_the_tables_says_how_to_make_them() {
        new JdbcTemplate(database.dataSource()).execute("DROP TABLE kimi_gateway_key");

        assertThatThrownBy(() -> store().load())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("schema.sql")
                .hasMessageContaining("SQL state 42");
        assertThatThrownBy(() -> store().update("one", before -> key("one"))).isInstanceOf(UncheckedIOException.class);
    }
}
